declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** SHA-256 of a published package's manifest, 64 lower-case hex digits; names a version for ever. */
export type ModelDigest = Branded<"ModelDigest">;
/** A Kinesis sequence number: decimal digits, too long for a JavaScript number. */
export type SequenceNumber = Branded<"SequenceNumber">;
/** Deterministic name of one prediction; equal for every redelivery of its event. */
export type PredictionId = Branded<"PredictionId">;

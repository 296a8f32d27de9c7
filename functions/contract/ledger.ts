import * as z from "zod/mini";
import type { ModelDigest } from "./ids.ts";
import { modelName } from "./model-package.ts";

const digest = z.pipe(
  z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  z.transform((text) => text as ModelDigest),
);

/** The alias that a prediction was made under. */
export const role = z.enum(["champion", "challenger", "shadow"]);

/** A share of the traffic: above 0, at most 1. */
export const share = z.number().check(z.positive(), z.maximum(1));

/** The whole alias map of a model after one ledger entry: which version each alias names. */
export const aliases = z.strictObject({
  /** Answers. */
  champion: z.optional(z.strictObject({ digest })),
  /** Answers a share of the entities, and scores every event beside the champion. */
  challenger: z.optional(z.strictObject({ digest, share: z.number().check(z.minimum(0), z.maximum(1)) })),
  /** Answers nobody; scores a sample of the events once they are answered. */
  shadow: z.optional(z.strictObject({ digest, sample: share })),
});

/**
 * One revision of a model in the ledger, written once by a conditional put and never changed.
 *
 * The newest entry is what is live now; the newest whose `at` is not after a time is what was live then.
 */
export const ledgerEntry = z.strictObject({
  model: modelName,
  /** 1 for the first, then one more each. */
  revision: z.int().check(z.minimum(1)),
  /** ISO 8601, never before the previous revision's. */
  at: z.string(),
  /** Who did it: an IAM principal or a user's name. */
  by: z.string(),
  why: z.string(),
  change: z.union([
    z.strictObject({
      kind: z.literal("publish"),
      digest,
      /** SHA-256 over the source files, before normalisation: provenance. */
      sourceDigest: z.string(),
      /** The alias that the publish moved to the new digest, if any. */
      alias: z.optional(role),
    }),
    z.strictObject({
      kind: z.literal("alias"),
      /** What was meant by it; a publish that names an alias of a version that is known already is a `promote`. */
      action: z.optional(z.enum(["promote", "rollback", "share", "shadow", "stop"])),
      alias: role,
      /** Absent where the alias names nothing from now on. */
      digest: z.optional(digest),
    }),
  ]),
  aliases,
});

export type Role = z.infer<typeof role>;
export type Aliases = z.infer<typeof aliases>;
export type LedgerEntry = z.infer<typeof ledgerEntry>;

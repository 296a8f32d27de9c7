import * as z from "zod/mini";

/** What is left of an event that cannot be parsed, and so may hold private values anywhere. */
export const withheld = z.strictObject({
  lengthBytes: z.int().check(z.minimum(0)),
  /** SHA-256 of the original bytes, hex. */
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** Why it cannot be parsed, in words that quote nothing of it. */
  reason: z.string(),
});

const at = {
  shard: z.string(),
  /** A decimal number too long for JavaScript's. */
  sequenceNumber: z.string().check(z.regex(/^\d+$/)),
  /** Index within an aggregated record; 0 for a plain one. */
  subIndex: z.int().check(z.minimum(0)),
  /** ISO 8601: when the record arrived on the stream. */
  arrivedAt: z.iso.datetime(),
  /** As the producer gave it, or its HMAC where it is a private value. */
  partitionKey: z.string(),
};

/** One line of an `archive/…` object (gzip NDJSON): an event as it stood in the stream, private values apart. */
export const archivedEvent = z.union([
  z.strictObject({
    ...at,
    /** The event's bytes as text. */
    data: z.string(),
    /** Given where the bytes are not UTF-8: gzip, or what no parser takes. */
    encoding: z.optional(z.literal("base64")),
  }),
  z.strictObject({ ...at, withheld }),
]);

export type Withheld = z.infer<typeof withheld>;
export type ArchivedEvent = z.infer<typeof archivedEvent>;

/** What one object of the archive covers: events of one shard that arrived within one hour. */
export interface ArchivedRange {
  readonly shard: string;
  /** Sequence number of its first record. */
  readonly first: string;
  /** Sequence number of its last record. */
  readonly last: string;
  /** Any instant within the hour, in epoch milliseconds. */
  readonly arrivalMs: number;
}

/**
 * S3 key of an object of the archive. Named by what it covers, so a redelivered batch writes the same object; ranges of a
 * batch that was delivered again in other parts overlap, and readers tell doubles by their place.
 */
export function archiveKey({ shard, first, last, arrivalMs }: ArchivedRange): string {
  return `${archivePrefix(arrivalMs)}${shard}-${first}-${last}.ndjson.gz`;
}

/** What the keys of an hour's objects begin with: `archive/<yyyy>/<mm>/<dd>/<hh>/`, in UTC. */
export function archivePrefix(arrivalMs: number): string {
  return `archive/${new Date(arrivalMs).toISOString().slice(0, 13).replaceAll(/[-T]/g, "/")}/`;
}

/** What a key of the archive covers; undefined for any other key. */
export function parseArchiveKey(key: string): ArchivedRange | undefined {
  const parts = /^archive\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\/(.+)-(\d+)-(\d+)\.ndjson\.gz$/.exec(key);
  if (parts === null) return undefined;
  const [, year, month, day, hour, shard, first, last] = parts as unknown as [string, ...string[]];
  const arrivalMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour));
  return { shard: shard!, first: first!, last: last!, arrivalMs };
}

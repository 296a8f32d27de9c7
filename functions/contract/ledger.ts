import * as z from "zod/mini";
import type { ModelDigest } from "./ids.ts";
import { modelName } from "./model-package.ts";

const digest = z.pipe(
  z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  z.transform((text) => text as ModelDigest),
);

/** The alias that a prediction was made under. */
export const role = z.enum(["champion", "challenger", "shadow"]);

const target = z.strictObject({ digest });

/** The whole alias map of a model after one ledger entry. `champion` answers; the others come with rollouts. */
export const aliases = z.strictObject({
  champion: z.optional(target),
  challenger: z.optional(target),
  shadow: z.optional(target),
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
    z.strictObject({ kind: z.literal("alias"), alias: role, digest: z.optional(digest) }),
  ]),
  aliases,
});

export type Role = z.infer<typeof role>;
export type Aliases = z.infer<typeof aliases>;
export type LedgerEntry = z.infer<typeof ledgerEntry>;

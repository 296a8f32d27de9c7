import * as z from "zod/mini";
import type { ModelDigest } from "./ids.ts";

const file = z.strictObject({
  /** SHA-256 of the file, hex. */
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  sizeBytes: z.int().check(z.minimum(0)),
});

/**
 * `manifest.json` of a published package: its files by name.
 *
 * The package's digest is the SHA-256 of this file's bytes, so it covers every file; keys are sorted and the
 * text is `JSON.stringify` without spaces, so equal packages have equal digests.
 */
export const packageManifest = z.strictObject({
  schemaVersion: z.literal(1),
  files: z.record(z.string(), file),
});

export type PackageManifest = z.infer<typeof packageManifest>;

/** Files a published package may consist of. */
export const packageFileNames = ["model.json", "model.onnx", "samples.jsonl", "reference.json"] as const;
export type PackageFileName = (typeof packageFileNames)[number];

/** S3 key of one file of a published package; `manifest.json` stands beside the files. */
export function packageKey(
  model: string,
  digest: ModelDigest,
  file: PackageFileName | "manifest.json",
): string {
  return `models/${model}/${digest}/${file}`;
}

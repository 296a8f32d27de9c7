import { createHash } from "node:crypto";
import type { ModelDigest } from "../../contract/ids.ts";
import { type PackageFileName, type PackageManifest, packageManifest } from "../../contract/manifest.ts";
import { ModelArtifactError } from "../errors.ts";
import type { PackageFiles } from "./package-store.ts";

/** A package's manifest, the exact bytes that are stored of it, and the digest they have. */
export interface SealedManifest {
  readonly manifest: PackageManifest;
  readonly bytes: Uint8Array;
  readonly digest: ModelDigest;
}

/**
 * Name a package by its content.
 *
 * Depends on the files' names and bytes alone, not on their order in the map.
 */
export function sealManifest(files: PackageFiles): SealedManifest {
  // Object literals are written in the order of their sorted keys: the text, and so the digest, depends on it.
  const entries = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const manifest: PackageManifest = {
    files: Object.fromEntries(
      entries.map(([name, bytes]) => [name, { sha256: sha256(bytes), sizeBytes: bytes.byteLength }]),
    ),
    schemaVersion: 1,
  };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  return { manifest, bytes, digest: sha256(bytes) as ModelDigest };
}

/** SHA-256 of a package's manifest: the package's name for ever. */
export function packageDigest(files: PackageFiles): ModelDigest {
  return sealManifest(files).digest;
}

/**
 * Read a stored `manifest.json`, believing it only if it has the digest asked for.
 *
 * @throws {ModelArtifactError} `model.digest` when the bytes are others than were published.
 */
export function openManifest(bytes: Uint8Array, digest: ModelDigest): PackageManifest {
  const got = sha256(bytes);
  if (got !== digest) {
    throw damaged(`manifest.json: got sha256 ${got}, expected ${digest}`, { file: "manifest.json", digest });
  }
  const parsed = packageManifest.safeParse(jsonOf(bytes));
  if (!parsed.success) {
    // The digest fits, so these are the bytes that were published: by something that writes other manifests.
    throw damaged("manifest.json: got a layout that this version cannot read, expected schemaVersion 1", {
      file: "manifest.json",
      digest,
      issues: parsed.error.issues,
    });
  }
  return parsed.data;
}

/**
 * Check one file of a package against the manifest.
 *
 * @param bytes - the file, or undefined where the store has none.
 * @throws {ModelArtifactError} `model.digest` when it is missing, not in the manifest, or differs.
 */
export function verifyFile(
  manifest: PackageManifest,
  name: PackageFileName,
  bytes: Uint8Array | undefined,
): Uint8Array {
  const expected = manifest.files[name];
  if (expected === undefined) {
    throw damaged(`${name}: not in the manifest, which names ${Object.keys(manifest.files).join(", ")}`, {
      file: name,
    });
  }
  if (bytes === undefined) throw damaged(`${name}: missing`, { file: name });
  if (bytes.byteLength !== expected.sizeBytes) {
    throw damaged(`${name}: got ${bytes.byteLength} bytes, expected ${expected.sizeBytes}`, { file: name });
  }
  const got = sha256(bytes);
  if (got !== expected.sha256) {
    throw damaged(`${name}: got sha256 ${got}, expected ${expected.sha256}`, { file: name });
  }
  return bytes;
}

/** The error for a package that is not what its digest says. */
export function damaged(what: string, details: Readonly<Record<string, unknown>>): ModelArtifactError {
  return new ModelArtifactError(`${what}; publish the package again to restore it`, {
    code: "model.digest",
    details,
  });
}

/** Undefined, which no schema takes, for what is no JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

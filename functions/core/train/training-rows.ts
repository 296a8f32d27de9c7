import { createHash } from "node:crypto";
import type { TrainingManifest, TrainingSlice } from "../../contract/training-data.ts";
import { trainingManifest } from "../../contract/training-data.ts";
import { ModelArtifactError } from "../errors.ts";
import type { ObjectReader } from "./examples/object-reader.ts";

/** Numbers of a row: the features, the label and the weight. */
export function rowWidth({ features }: Pick<TrainingManifest, "features">): number {
  return features.reduce((sum, { width }) => sum + width, 0) + 2;
}

/** @throws {ModelArtifactError} `model.package` where it is gone, or none that this release understands. */
export async function readManifest(store: Pick<ObjectReader, "get">, key: string): Promise<TrainingManifest> {
  const bytes = await store.get(key);
  if (bytes === undefined) throw damaged(`${key}: gone`, key);
  try {
    return trainingManifest.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch (cause) {
    throw damaged(`${key}: got no training manifest of this release`, key, cause);
  }
}

/**
 * Read a slice, part by part.
 *
 * @returns per part its rows, [rows, rowWidth], row-major.
 * @throws {ModelArtifactError} `model.package` where a part is gone, or is not what the manifest names.
 */
export async function* readRows(
  store: Pick<ObjectReader, "get">,
  { parts }: TrainingSlice,
  width: number,
): AsyncGenerator<Float32Array> {
  for (const { key, rows, sha256 } of parts) {
    const bytes = await store.get(key);
    if (bytes === undefined) throw damaged(`${key}: gone`, key);
    const got = createHash("sha256").update(bytes).digest("hex");
    if (got !== sha256 || bytes.byteLength !== rows * width * 4) {
      throw damaged(
        `${key}: got ${bytes.byteLength} bytes with digest ${got}, expected ${rows * width * 4} with ${sha256}`,
        key,
      );
    }
    yield littleEndianFloats(bytes);
  }
}

function littleEndianFloats(bytes: Uint8Array): Float32Array {
  // A copy, for views need their bytes aligned.
  const copy = Buffer.from(bytes);
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) copy.swap32();
  return new Float32Array(copy.buffer.slice(copy.byteOffset, copy.byteOffset + copy.byteLength));
}

function damaged(what: string, key: string, cause?: unknown): ModelArtifactError {
  return new ModelArtifactError(`${what}; assemble the training data again`, {
    code: "model.package",
    details: { key },
    cause,
  });
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PackageFiles } from "../../functions/core/inference/package-store.ts";
import { writeTreesOnnx } from "../../functions/core/train/trees/write-trees-onnx.ts";

/** A package's `model.json` as it stands, of features of one number each, with trees that answer one half to everything. */
export async function untrainedVersion(folder: string): Promise<PackageFiles> {
  const declaration = await readFile(join(folder, "model.json"));
  const { features } = JSON.parse(declaration.toString("utf8")) as { features: object };
  const leaf = {
    features: Int32Array.of(-1),
    values: Float32Array.of(0),
    left: Int32Array.of(0),
    right: Int32Array.of(0),
    missingLeft: Uint8Array.of(0),
  };
  const onnx = writeTreesOnnx({
    ...{ target: "binary", categories: [], trees: [leaf] },
    featureCount: Object.keys(features).length,
    baseMargins: Float32Array.of(0),
  });
  return new Map([
    ["model.json", declaration],
    ["model.onnx", onnx],
  ]);
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Training } from "../../functions/contract/training.ts";
import type { PackageFiles } from "../../functions/core/inference/package-store.ts";
import type { Tree } from "../../functions/core/train/trees/tree-ensemble.ts";
import { writeTreesOnnx } from "../../functions/core/train/trees/write-trees-onnx.ts";

/**
 * A package's declaration, of features of one number each, with trees that answer one half to everything.
 *
 * @param training - in place of what the package says of it.
 */
export async function untrainedVersion(folder: string, training: Training): Promise<PackageFiles> {
  const declaration = JSON.parse(await readFile(join(folder, "model.json"), "utf8")) as { features: object };
  const onnx = writeTreesOnnx({
    ...{ target: "binary", categories: [], trees: [leaf] },
    featureCount: Object.keys(declaration.features).length,
    baseMargins: Float32Array.of(0),
  });
  return new Map([
    ["model.json", Buffer.from(JSON.stringify({ ...declaration, training }))],
    ["model.onnx", onnx],
  ]);
}

/** Adds nothing. */
const leaf: Tree = {
  features: Int32Array.of(-1),
  values: Float32Array.of(0),
  left: Int32Array.of(0),
  right: Int32Array.of(0),
  missingLeft: Uint8Array.of(0),
};

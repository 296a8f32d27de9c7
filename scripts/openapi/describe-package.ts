import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import { modelPackage } from "../../functions/contract/model-package.ts";
import { compileProgram } from "../../functions/core/inference/model-program.ts";
import type { PackageFiles } from "../../functions/core/inference/package-store.ts";
import { normaliseModel } from "../../functions/core/train/onnx/normalise.ts";
import type { DescribedModel } from "./openapi-document.ts";

/**
 * Read what the document says of a model out of its package.
 *
 * @throws {Error} when `model.json` is not valid. @throws {ModelArtifactError} when it does not fit the model
 */
export async function describePackage(files: PackageFiles): Promise<DescribedModel> {
  const pkg = modelPackage.parse(JSON.parse(new TextDecoder().decode(files.get("model.json"))));
  const model = normaliseModel(files.get("model.onnx") ?? new Uint8Array(0)).bytes;
  const session = await createOrtEngine({ memoryMiB: 1769 }).createSession(model);
  try {
    const { encoder } = compileProgram(pkg, session);
    return { package: pkg, layout: encoder.layout, outputs: session.outputs };
  } finally {
    await session.release();
  }
}

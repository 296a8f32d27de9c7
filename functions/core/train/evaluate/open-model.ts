import type { ModelPackage } from "../../../contract/model-package.ts";
import { createFieldIndex } from "../../decode/field-index.ts";
import { ModelArtifactError } from "../../errors.ts";
import { compileRowEncoder } from "../../features/row-encoder.ts";
import type { InferenceEngine } from "../../inference/model-session.ts";
import { compileOutputs } from "../../inference/output-encoder.ts";
import type { ScorableModel } from "./row-scorer.ts";

/**
 * Make a model ready to score training rows, as the package would serve it. Whoever opens it releases its session.
 *
 * @throws {ModelArtifactError} `model.package` when the runtime refuses it, or it is not what the package declares:
 *   every reason is named.
 */
export async function openModel(
  model: Uint8Array,
  pkg: Pick<ModelPackage, "features" | "outputs">,
  engine: InferenceEngine,
): Promise<ScorableModel> {
  const session = await engine.createSession(model);
  const { encoder, problems } = compileRowEncoder(pkg, session.inputs, createFieldIndex());
  const found = [...problems, ...compileOutputs(pkg.outputs, session.outputs).problems];
  if (found.length === 0) return { session, layout: encoder.layout };
  await session.release();
  throw new ModelArtifactError(`the model is not what model.json declares: ${found.join(" | ")}`, {
    code: "model.package",
    details: { problems: found },
  });
}

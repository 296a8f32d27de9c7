import type { Training } from "../../functions/contract/training.ts";
import type { TrainingManifest } from "../../functions/contract/training-data.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import {
  type Comparison,
  compareVersions,
  scoreHoldout,
} from "../../functions/core/train/evaluate/compare-versions.ts";
import { type Gate, gatesOf } from "../../functions/core/train/evaluate/gates.ts";
import type { StoryStage } from "./story-stage.ts";

export interface Evaluated extends Pick<Comparison, "champion" | "challenger"> {
  readonly gates: readonly Gate[];
}

export interface EvaluateOptions {
  readonly manifest: TrainingManifest;
  readonly onnx: Uint8Array;
  readonly champion: LoadedModel;
  readonly rules: Training["gates"];
}

/** Hold a new model against the champion on the rows that were held out. */
export async function evaluateVersion(
  { engine, objects, packages, model }: Pick<StoryStage, "engine" | "objects" | "packages" | "model">,
  { manifest, onnx, champion, rules }: EvaluateOptions,
): Promise<Evaluated> {
  const bytes = (await packages.read(model, champion.digest)).get("model.onnx")!.byteLength;
  const session = await engine.createSession(onnx);
  const { layout } = champion.program.encoder;
  const heldOut = { store: objects, manifest, nowMs: () => performance.now() };
  try {
    const scored = {
      champion: await scoreHoldout({ session: champion.session, layout, sizeBytes: bytes }, heldOut),
      challenger: await scoreHoldout({ session, layout, sizeBytes: onnx.byteLength }, heldOut),
    };
    const figures = await compareVersions(scored, heldOut);
    return { ...figures, gates: gatesOf(figures.challenger, figures.champion, rules) };
  } finally {
    await session.release();
  }
}

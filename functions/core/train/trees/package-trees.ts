import type { Training } from "../../../contract/training.ts";
import type { TrainingManifest } from "../../../contract/training-data.ts";
import type { TreeTarget } from "./tree-ensemble.ts";
import type { TreeOptions } from "./tree-options.ts";

const targets: Readonly<Record<TrainingManifest["label"]["kind"], TreeTarget>> = {
  binary: "binary",
  classes: "multiclass",
  number: "regression",
};

/** A package's `training.trees` as the trainer's options. */
export function treeOptionsOf(
  { stopAfter, ...settings }: Training["trees"],
  { kind, classes }: Pick<TrainingManifest["label"], "kind" | "classes">,
): TreeOptions {
  return {
    ...settings,
    target: targets[kind],
    ...(kind === "classes" && { classCount: classes?.length }),
    ...(stopAfter > 0 && { earlyStopping: { rounds: stopAfter } }),
  };
}

import type { TrainingManifest } from "../contract/training-data.ts";
import { ConfigError } from "../core/errors.ts";
import type { TreeTensors } from "../core/train/trees/write-trees-onnx.ts";

/**
 * Name the trees' tensors so that the champion's package reads them.
 *
 * @throws {ConfigError} `config.model` where trees cannot have such inputs or outputs; every reason is named.
 */
export function tensorsOf(
  manifest: Pick<TrainingManifest, "model" | "inputs" | "outputs" | "label">,
): TreeTensors {
  const { model, label, inputs = [{ type: "float32", shape: [0] }], outputs = [label.output] } = manifest;
  const [input] = inputs;
  const others = outputs.filter((name) => name !== label.output);
  const problems = [
    inputs.length === 1 ? undefined : `inputs: got ${inputs.length}, expected one`,
    ...inputs.map(({ type }) =>
      type === "float32" ? undefined : `input type: got ${type}, expected float32`,
    ),
    ...inputs.map(({ shape }) =>
      shape.length === 1 ? undefined : `input shape: got [N, ${shape.join(", ")}], expected [N, features]`,
    ),
    others.length > 1 || (others.length === 1 && label.kind === "number")
      ? `outputs: got ${outputs.join(", ")}, expected "${label.output}"${label.kind === "number" ? "" : " and the class"} alone`
      : undefined,
    ...indexProblems(label),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new ConfigError(
      `model "${model}": trees cannot stand in for the champion: ${problems.join("; ")}; train it elsewhere (sagemaker)`,
      { code: "config.model", details: { model, problems } },
    );
  }
  return {
    input: input?.name ?? (label.output === "features" ? "rows" : "features"),
    output: label.output,
    ...(others.length === 1 && { label: others[0]! }),
    ...(label.kind === "binary" && label.index !== 1 && { isYesAlone: true }),
  };
}

function indexProblems({ kind, index }: TrainingManifest["label"]): string[] {
  if (index === undefined || kind === "classes") return [];
  const most = kind === "binary" ? 1 : 0;
  return index > most ? [`index of the output: got ${index}, expected at most ${most}`] : [];
}

import type { Example, LabelValue } from "../../../contract/example.ts";
import { isViewFeature } from "../../../contract/feature.ts";
import type { ModelPackage } from "../../../contract/model-package.ts";
import { labelKind } from "../../../contract/outcome.ts";
import { scoredOutput } from "../../../contract/package-problems.ts";
import type { TrainingManifest } from "../../../contract/training-data.ts";
import { ConfigError } from "../../errors.ts";
import type { StoredLayout } from "../../outcome/stored-layout.ts";

/** How examples become rows of numbers: the features in tensor order, then the label, then the weight. */
export interface RowSchema {
  readonly features: TrainingManifest["features"];
  readonly label: TrainingManifest["label"];
  readonly inputs: NonNullable<TrainingManifest["inputs"]>;
  readonly outputs: readonly string[];
  /** Numbers of one row, label and weight included. */
  readonly width: number;
  /**
   * Write an example as a row.
   *
   * @param row - `width` elements.
   * @returns false where it has not these features, or a label that the package does not know.
   */
  write(example: Pick<Example, "features" | "label">, row: Float32Array): boolean;
}

/**
 * Compile the schema of a model's training rows.
 *
 * @param layout - of the champion's stored rows: it says how wide each feature is.
 * @throws {ConfigError} `config.model` for a package without an outcome, which no examples are made of.
 */
export function compileRowSchema(
  pkg: Pick<ModelPackage, "name" | "features" | "outcome" | "outputs">,
  layout: StoredLayout,
): RowSchema {
  const scored = scoredOutput(pkg);
  const { outcome } = pkg;
  if (scored === undefined || outcome === undefined) {
    throw new ConfigError(
      `model "${pkg.name}": got a package without an outcome, expected one that says what the truth is; declare it in model.json`,
      { code: "config.model", details: { model: pkg.name } },
    );
  }
  const features = layout.features.map(({ name, width }) => ({ name, width, kind: kindOf(pkg, name) }));
  const featureWidth = features.reduce((sum, { width }) => sum + width, 0);
  const output = pkg.outputs[scored.name]!;
  const from = "from" in output ? output : undefined;
  const classes = labelKind(outcome.label) === "binary" ? [0, 1] : outcome.label.classes;
  const places = classes && new Map(classes.map((value, i) => [value as LabelValue, i]));
  return {
    features,
    label: {
      kind: scored.kind,
      ...(classes && { classes: [...classes] }),
      output: from!.from,
      ...(from!.index !== undefined && { index: from!.index }),
    },
    inputs: inputsOf(pkg, layout),
    outputs: [...new Set(Object.values(pkg.outputs).flatMap((each) => ("from" in each ? each.from : [])))],
    width: featureWidth + 2,
    write(example, row) {
      let at = 0;
      for (const { name, width } of features) {
        const value = example.features[name];
        const written = width === 1 ? writeOne(value, row, at) : writeMany(value, { row, at, width });
        if (!written) return false;
        at += width;
      }
      const label = places === undefined ? example.label : places.get(example.label);
      if (typeof label !== "number" || !Number.isFinite(label)) return false;
      row[at] = label;
      row[at + 1] = 1;
      return true;
    },
  };
}

/** What the champion's rows are made of; an input that the package has no name for may bear any. */
function inputsOf({ features }: Pick<ModelPackage, "features">, layout: StoredLayout): RowSchema["inputs"] {
  return layout.inputs.map(({ type, width }, input) => {
    const member = layout.features.find((each) => each.input === input)!.name;
    const feature = features[member]!;
    const name = feature.input ?? (layout.inputs.length > 1 ? member : undefined);
    return {
      ...(name !== undefined && { name }),
      type,
      shape: "shape" in feature && feature.shape ? [...feature.shape] : [width],
    };
  });
}

/** Whether a feature's numbers are names of categories, which have no order. */
function kindOf({ features }: Pick<ModelPackage, "features">, name: string): "number" | "category" {
  const feature = features[name]!;
  if (isViewFeature(feature) || feature.as === undefined) return "number";
  const steps = Array.isArray(feature.as) ? feature.as : [feature.as];
  const last = steps.at(-1)!;
  return typeof last === "object" && ("index" in last || "hash" in last) ? "category" : "number";
}

function writeOne(value: Example["features"][string] | undefined, row: Float32Array, at: number): boolean {
  if (typeof value !== "number") return false;
  row[at] = value;
  return true;
}

function writeMany(
  value: Example["features"][string] | undefined,
  { row, at, width }: { readonly row: Float32Array; readonly at: number; readonly width: number },
): boolean {
  if (!Array.isArray(value) || value.length !== width) return false;
  row.set(value, at);
  return true;
}

import { type EventFeature, eventFeature } from "../../../../functions/contract/feature.ts";
import { createEventReader } from "../../../../functions/core/decode/event-reader.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import type { Problem } from "../../../../functions/core/features/column.ts";
import { createRowBuffers } from "../../../../functions/core/features/row-buffers.ts";
import { compileRowEncoder } from "../../../../functions/core/features/row-encoder.ts";
import type { NumericType, TensorSpec } from "../../../../functions/core/inference/tensor.ts";

export type Declared = Readonly<Record<string, Omit<EventFeature, "from"> & { readonly from?: string }>>;

/** The features as the contract gives them out; `from` is the feature's own name where it is not said. */
export function parseFeatures(declared: Declared): Record<string, EventFeature> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, feature]) => [name, eventFeature.parse({ from: name, ...feature })]),
  );
}

/** Compile features for inputs, and encode events given as JSON text: values per input, or the problems. */
export function compileFeatures(declared: Declared, inputs: readonly TensorSpec[]) {
  const index = createFieldIndex();
  const { encoder, problems } = compileRowEncoder({ features: parseFeatures(declared) }, inputs, index);
  const reader = createEventReader(index.specs);
  return {
    problems,
    layout: encoder.layout,
    encode(text: string): (number | bigint)[][] | Problem[] {
      const buffers = createRowBuffers(encoder.layout, 3);
      reader.read(Buffer.from(text));
      if (!encoder.encode(reader.fields, buffers, 1)) return encoder.explain(reader.fields, buffers, 1);
      return buffers.arrays.map((array, i) => {
        const { width } = encoder.layout.inputs[i]!;
        return [...array.slice(width, 2 * width)] as (number | bigint)[];
      });
    },
  };
}

/** Encode one value, written as JSON or absent, through one feature; its columns, or the one problem. */
export function encodeValue(
  feature: Declared[string],
  json: string | undefined,
  type: NumericType = "float64",
): (number | bigint)[] | Problem {
  const shape = feature.shape ?? [null];
  const compiled = compileFeatures({ x: feature }, [{ name: "in", type, shape: [null, ...shape] }]);
  if (compiled.problems.length > 0) throw new Error(compiled.problems.join(" | "));
  const [first, ...rest] = compiled.encode(json === undefined ? "{}" : `{"x":${json}}`);
  if (rest.length > 0) throw new Error("more than one input or problem");
  return first!;
}

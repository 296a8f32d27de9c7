import type { Example } from "../../../contract/example.ts";
import type { ModelPackage } from "../../../contract/model-package.ts";
import { InputError } from "../../errors.ts";
import { elementStores } from "../../features/element-store.ts";
import type { RowBuffers } from "../../features/row-buffers.ts";
import type { RowLayout } from "../../features/row-layout.ts";
import type { NumericArray } from "../../inference/tensor.ts";
import { storedLayoutOf } from "../../outcome/stored-layout.ts";

/** What of an example is counted. */
export interface CountedExample extends Pick<Example, "eventTime" | "features"> {
  /** Tells which one is at fault; absent where it was joined anew. */
  readonly predictionId?: string;
}

/** Writes examples back as the rows that they were. */
export interface ExampleRows {
  /** @throws {InputError} `input.shape` where the example has not the model's features. */
  write(example: CountedExample, buffers: RowBuffers, row: number): void;
}

/** @throws {InputError} `input.type` where the rows hold text, of which no examples are made. */
export function createExampleRows(pkg: Pick<ModelPackage, "features">, layout: RowLayout): ExampleRows {
  const stored = storedLayoutOf(pkg, layout);
  if (stored === undefined)
    throw new InputError("the model reads text, and examples hold numbers only", { code: "input.type" });
  const { inputs, features } = stored;
  return {
    write(example, buffers, row) {
      for (const { name, input, column, width } of features) {
        const value = example.features[name];
        const list = typeof value === "number" ? [value] : value;
        if (list?.length !== width) throw misfit(example, name, `${width} number(s)`);
        const { type, width: stride } = inputs[input]!;
        const target = buffers.arrays[input] as NumericArray;
        const { store, holds } = elementStores[type];
        for (const [i, each] of list.entries())
          if (!store(target, row * stride + column + i, each)) throw misfit(example, name, holds);
      }
    },
  };
}

function misfit(
  { predictionId, eventTime, features }: CountedExample,
  name: string,
  expected: string,
): InputError {
  return new InputError(
    `example ${predictionId ?? `of ${eventTime}`}: feature "${name}": got ${JSON.stringify(features[name])?.slice(0, 60) ?? "nothing"}, expected ${expected}; give examples of a version with the same features`,
    { code: "input.shape" },
  );
}

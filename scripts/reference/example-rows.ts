import type { Example } from "../../functions/contract/example.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { elementStores } from "../../functions/core/features/element-store.ts";
import type { RowBuffers } from "../../functions/core/features/row-buffers.ts";
import type { RowLayout } from "../../functions/core/features/row-layout.ts";
import type { NumericArray } from "../../functions/core/inference/tensor.ts";
import { storedLayoutOf } from "../../functions/core/outcome/stored-layout.ts";

/** Writes examples back as the rows that they were. */
export interface ExampleRows {
  /** @throws {Error} where the example has not the model's features. */
  write(example: Example, buffers: RowBuffers, row: number): void;
}

/** @throws {Error} where the rows hold text, of which no examples are made. */
export function createExampleRows(pkg: Pick<ModelPackage, "features">, layout: RowLayout): ExampleRows {
  const stored = storedLayoutOf(pkg, layout);
  if (stored === undefined) throw new Error("the model reads text, and examples hold numbers only");
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

function misfit({ predictionId, features }: Example, name: string, expected: string): Error {
  return new Error(
    `example ${predictionId}: feature "${name}": got ${JSON.stringify(features[name])?.slice(0, 60) ?? "nothing"}, expected ${expected}; give examples of a version with the same features`,
  );
}

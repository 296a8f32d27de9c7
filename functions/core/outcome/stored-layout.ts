import * as z from "zod/mini";
import type { ModelPackage } from "../../contract/model-package.ts";
import { ModelArtifactError } from "../errors.ts";
import type { RowLayout } from "../features/row-layout.ts";
import { numericArrays } from "../inference/tensor.ts";

const size = z.int().check(z.minimum(0), z.maximum(2 ** 31));
const type = z.enum(Object.keys(numericArrays) as (keyof typeof numericArrays)[]);

/**
 * How the stored feature rows of one version are laid out: all that is needed to read them when that version is no
 * longer the one that is loaded. Stands beside the published files and can be made from them anew.
 */
export const storedLayout = z.strictObject({
  schemaVersion: z.literal(1),
  /** One row is their elements one input after the other, little-endian. */
  inputs: z.array(z.strictObject({ type, width: size })),
  features: z.array(z.strictObject({ name: z.string(), input: size, column: size, width: size })),
});

export type StoredLayout = z.infer<typeof storedLayout>;

/** @returns the layout of a version's rows; undefined where they hold text, which is not stored. */
export function storedLayoutOf(
  { features }: Pick<ModelPackage, "features">,
  { inputs, placements }: RowLayout,
): StoredLayout | undefined {
  const parsed = storedLayout.safeParse({
    schemaVersion: 1,
    inputs: inputs.map(({ type: each, width }) => ({ type: each, width })),
    features: Object.keys(features).map((name, i) => {
      const { input, column } = placements[i]!;
      // Features of one input stand side by side: one ends where the next begins.
      const next = placements.slice(i + 1).find((each) => each.input === input);
      return { name, input, column, width: (next?.column ?? inputs[input]!.width) - column };
    }),
  });
  return parsed.success ? parsed.data : undefined;
}

/** @throws {ModelArtifactError} `model.package` when the bytes are no layout that this release understands. */
export function parseLayout(bytes: Uint8Array, key: string): StoredLayout {
  try {
    return storedLayout.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch (cause) {
    throw new ModelArtifactError(`${key}: not a layout for this release; publish the package again`, {
      code: "model.package",
      details: { key },
      cause,
    });
  }
}

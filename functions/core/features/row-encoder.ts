import { type EventFeature, type Feature, isViewFeature } from "../../contract/feature.ts";
import type { ModelPackage } from "../../contract/model-package.ts";
import type { FieldIndex } from "../decode/field-index.ts";
import { createFields, FieldKind, type Fields } from "../decode/fields.ts";
import type { NumericArray, TensorSpec, TensorType } from "../inference/tensor.ts";
import { type Column, compileColumn, featureProblems, type Problem, widthOf } from "./column.ts";
import { elementStores } from "./element-store.ts";
import { canBeMissing } from "./missing.ts";
import { compileNumberBlock, isPlainNumber } from "./number-block.ts";
import { createRowBuffers, type RowBuffers } from "./row-buffers.ts";
import { type FeatureShape, layoutRows, type RowLayout } from "./row-layout.ts";
import { type TextColumn, textColumn, textHolds, textProblems } from "./text-column.ts";

/**
 * A model's features, compiled: turns the fields of an event into a row of its inputs.
 *
 * Windowed features have their place in the layout, but what stands there is not the event's to say: it is written
 * by whoever reads the windows.
 */
export interface RowEncoder {
  readonly layout: RowLayout;
  /** Write one row; false where the event does not allow it. Nothing is allocated. */
  encode(fields: Fields, buffers: RowBuffers, row: number): boolean;
  /** Every reason why `encode` refused the event. */
  explain(fields: Fields, buffers: RowBuffers, row: number): Problem[];
}

/**
 * Compile the features of a package for a model's inputs.
 *
 * @param inputs - what the model declares.
 * @returns the encoder, and every problem of the declaration; with a problem the encoder is not usable.
 */
export function compileRowEncoder(
  { features }: Pick<ModelPackage, "features">,
  inputs: readonly TensorSpec[],
  index: FieldIndex,
): { encoder: RowEncoder; problems: string[] } {
  const all = Object.entries(features);
  const { layout, problems } = layoutRows(all.map(shapeOf), inputs);
  const entries = all.flatMap(([name, feature], i) =>
    isViewFeature(feature) ? [] : [{ name, feature, position: i, placement: layout.placements[i] }],
  );
  problems.unshift(...entries.flatMap(({ name, feature }) => featureProblems(name, feature)));
  const columns =
    problems.length > 0
      ? []
      : entries.map(({ name, feature, position, placement }) => {
          const { input, column } = placement!;
          const field = index.fieldOf(feature.from, feature.shape);
          return {
            name,
            feature,
            position,
            field,
            input,
            column,
            width: layout.inputs[input]!.width,
            compiled: compileFor(layout.inputs[input]!.type, { name, feature, field }),
          };
        });
  problems.push(
    ...columns.flatMap(({ name, feature, input }) => textProblems(name, feature, layout.inputs[input]!)),
  );
  problems.push(...defaultProblems());
  const isInBlock = ({ feature, input }: PlacedColumn) =>
    layout.inputs[input]!.type === "float32" && isPlainNumber(feature);
  const blocks = layout.inputs.map(({ width }, input) =>
    compileNumberBlock(
      columns.filter((each) => each.input === input && isInBlock(each)),
      width,
    ),
  );
  const others = columns.filter((each) => !isInBlock(each));
  const missable = columns.filter(({ feature }) => canBeMissing(feature));
  return { encoder: { layout, encode, explain }, problems };

  /** A default that the model's input cannot hold would reject every event it was meant to save. */
  function defaultProblems(): string[] {
    if (problems.length > 0) return [];
    const nothing = createFields(index.specs);
    const at = { buffers: createRowBuffers(layout, 1), row: 0 };
    return columns
      .filter((each) => each.feature.default !== undefined && !writeColumn(each, nothing, at))
      .map(({ name, input, feature }) => {
        const { name: inputName, type } = layout.inputs[input]!;
        const holds = type === "string" ? textHolds : elementStores[type].holds;
        return `feature "${name}": default ${feature.default}, transformed, is not what input "${inputName}" holds, ${holds}; correct the default`;
      });
  }

  function encode(fields: Fields, buffers: RowBuffers, row: number): boolean {
    for (let i = 0; i < blocks.length; i++)
      // A block of an input that is no Float32Array is empty.
      if (!blocks[i]!.write(fields, buffers.arrays[i] as Float32Array, row)) return false;
    for (let i = 0; i < others.length; i++)
      if (!writeColumn(others[i]!, fields, { buffers, row })) return false;
    for (let i = 0; i < missable.length; i++) {
      const { field, position } = missable[i]!;
      buffers.missing[row * all.length + position] = fields.kinds[field]! <= FieldKind.null ? 1 : 0;
    }
    return true;
  }

  function explain(fields: Fields, buffers: RowBuffers, row: number): Problem[] {
    return columns
      .filter((each) => !writeColumn(each, fields, { buffers, row }))
      .map(({ compiled }) => compiled.explain(fields));
  }
}

function shapeOf([name, feature]: [string, Feature]): FeatureShape {
  if (isViewFeature(feature)) return { name, width: 1, input: feature.input };
  return { name, width: widthOf(feature), shape: feature.shape, input: feature.input };
}

function compileFor(
  type: TensorType,
  source: { name: string; feature: EventFeature; field: number },
): TargetColumn {
  return type === "string" ? textColumn(source) : compileColumn({ ...source, element: elementStores[type] });
}

type TargetColumn = Column | TextColumn;

interface PlacedColumn {
  readonly name: string;
  readonly feature: EventFeature;
  /** Among the package's features. */
  readonly position: number;
  readonly field: number;
  readonly input: number;
  readonly column: number;
  readonly width: number;
  readonly compiled: TargetColumn;
}

function writeColumn(
  placed: PlacedColumn,
  fields: Fields,
  at: { buffers: RowBuffers; row: number },
): boolean {
  return placed.compiled.write(
    fields,
    // A column of text is only ever placed in an input of text.
    at.buffers.arrays[placed.input] as NumericArray & string[],
    at.row * placed.width + placed.column,
  );
}

import type { ModelPackage } from "../../contract/model-package.ts";
import { scoredOutput } from "../../contract/package-problems.ts";
import { sizeOf } from "../decode/fields.ts";
import { widthOf } from "../features/column.ts";
import { canBeMissing } from "../features/missing.ts";
import type { RowBuffers } from "../features/row-buffers.ts";
import type { RowLayout } from "../features/row-layout.ts";
import type { TensorSpec } from "../inference/tensor.ts";
import { keyOf } from "./histogram.ts";
import { memoryKeyOf, memoryKeyOfBits } from "./key-counts.ts";
import { scanNumbers } from "./scan-numbers.ts";
import { type FeatureKind, maxFeatures, maxScores } from "./sketch.ts";
import {
  codeLimit,
  codesOf,
  type KeyReader,
  keyReaderOf,
  kindOf,
  type SketchedPlace,
} from "./sketched-columns.ts";

/** Stands for a score that a row has not. */
export const noKey = 0xffff;
/** Of a feature's key: whether its value is a default. */
export const missingBit = 15;

/** What of a version's rows and results is counted, compiled: turns them into keys, one per watched feature and score. */
export interface SketchProgram {
  /** Of the watched features, in the package's order. */
  readonly kinds: readonly FeatureKind[];
  /** Positions of the features whose values may be defaults. */
  readonly missable: readonly number[];
  /** Scores of one row; more than one where the scored output is a list. */
  readonly scoreCount: number;
  /** Keys of one row: those of its features, then those of its scores. */
  readonly width: number;
  /** Write the keys of the features of the rows 0 to `count`, row by row, each `width` behind the last. */
  readFeatures(buffers: RowBuffers, count: number, keys: Uint16Array): void;
  /** Write the keys of the scores of one row. @param outputs - as the model's `OutputEncoder` wrote them */
  readScores(outputs: string, keys: Uint16Array, row: number): void;
}

/** What of a version says what its rows and results are. */
export interface SketchSource {
  readonly package: Pick<ModelPackage, "features" | "outputs" | "outcome">;
  readonly layout: RowLayout;
  /** What the model declares. */
  readonly outputs: readonly TensorSpec[];
}

export function compileSketch({ package: pkg, layout, outputs }: SketchSource): SketchProgram {
  const watched = Object.values(pkg.features).slice(0, maxFeatures);
  const places = watched.map((feature, i): SketchedPlace => {
    const { input, column } = layout.placements[i]!;
    const { type, width: stride } = layout.inputs[input]!;
    return { type, column, width: "view" in feature ? 1 : widthOf(feature), stride };
  });
  const codes = watched.map((feature, i) => codesOf(feature, places[i]!));
  const limit = codeLimit(codes.filter((each) => each !== undefined));
  const scored = scoredNumbers(pkg, outputs);
  const scoreCount = scored?.count ?? 0;
  const width = watched.length + scoreCount;
  const floats = layout.inputs.map((_, input) => floatRuns(input));
  const isInRun = (feature: number) =>
    floats.some((runs) => runs.some((run) => feature >= run.feature && feature < run.feature + run.length));
  const others = watched.flatMap((_, feature): { feature: number; input: number; read: KeyReader }[] => {
    const { input } = layout.placements[feature]!;
    if (isInRun(feature)) return [];
    return [{ feature, input, read: keyReaderOf(places[feature]!, codes[feature], limit) }];
  });
  const missable = watched.flatMap((feature, i) => (canBeMissing(feature) ? [i] : []));
  const scores = new Float64Array(scoreCount);
  return { kinds: codes.map(kindOf), missable, scoreCount, width, readFeatures, readScores };

  /** The numbers of an input of 32-bit floats, which are most of what models read, in runs of neighbours. */
  function floatRuns(input: number): FloatRun[] {
    const runs: FloatRun[] = [];
    places.forEach(({ type, width: columns, column }, feature) => {
      const isPlain = type === "float32" && columns === 1 && codes[feature] === undefined;
      if (layout.placements[feature]!.input !== input || !isPlain) return;
      const last = runs.at(-1);
      if (
        last !== undefined &&
        last.feature + last.length === feature &&
        last.column + last.length === column
      )
        last.length++;
      else runs.push({ feature, column, length: 1 });
    });
    return runs;
  }

  function readFeatures(buffers: RowBuffers, count: number, keys: Uint16Array): void {
    for (let input = 0; input < floats.length; input++) {
      const array = buffers.arrays[input]!;
      const runs = floats[input]!;
      if (runs.length === 0 || !(array instanceof Float32Array)) continue;
      const bits = new Int32Array(array.buffer, array.byteOffset, array.length);
      const stride = layout.inputs[input]!.width;
      for (let row = 0; row < count; row++)
        for (let i = 0; i < runs.length; i++) {
          const { feature, column, length } = runs[i]!;
          const [to, from] = [row * width + feature, row * stride + column];
          for (let j = 0; j < length; j++) keys[to + j] = memoryKeyOfBits(bits[from + j]!);
        }
    }
    for (const { feature, input, read } of others) {
      const array = buffers.arrays[input]!;
      for (let row = 0; row < count; row++) keys[row * width + feature] = read(array, row);
    }
    flagMissing(buffers, count, keys);
  }

  function flagMissing({ missing, capacity }: RowBuffers, count: number, keys: Uint16Array): void {
    const stride = missing.length / capacity;
    for (const feature of missable) {
      for (let row = 0; row < count; row++)
        if (missing[row * stride + feature] === 1) keys[row * width + feature]! |= 1 << missingBit;
    }
  }

  function readScores(text: string, keys: Uint16Array, row: number): void {
    const found = scored === undefined ? 0 : scanNumbers(text, scored.member, scores);
    const at = row * width + watched.length;
    for (let i = 0; i < scoreCount; i++) keys[at + i] = i < found ? memoryKeyOf(keyOf(scores[i]!)) : noKey;
  }
}

interface FloatRun {
  readonly feature: number;
  readonly column: number;
  length: number;
}

/** The scored output, or the first one of numbers where no outcome is declared. */
function scoredNumbers(
  pkg: SketchSource["package"],
  specs: readonly TensorSpec[],
): { readonly member: string; readonly count: number } | undefined {
  const specOf = (from: string) => specs.find(({ name }) => name === from);
  const name =
    scoredOutput(pkg)?.name ??
    Object.entries(pkg.outputs).find(
      ([, output]) => "from" in output && specOf(output.from)?.type !== "string",
    )?.[0];
  const output = name === undefined ? undefined : pkg.outputs[name];
  if (output === undefined || !("from" in output)) return undefined;
  const shape = specOf(output.from)?.shape.slice(1) ?? [];
  // A width that the model leaves open may be any.
  const width = output.index !== undefined ? 1 : sizeOf(shape.map((size) => size ?? maxScores));
  return { member: `${JSON.stringify(name)}:`, count: Math.min(width, maxScores) };
}

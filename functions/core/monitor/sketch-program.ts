import type { ModelPackage } from "../../contract/model-package.ts";
import { scoredOutput } from "../../contract/package-problems.ts";
import { sizeOf } from "../decode/fields.ts";
import { widthOf } from "../features/column.ts";
import { canBeMissing } from "../features/missing.ts";
import type { RowBuffers } from "../features/row-buffers.ts";
import type { RowLayout } from "../features/row-layout.ts";
import type { TensorSpec } from "../inference/tensor.ts";
import { keyOf } from "./histogram.ts";
import { memoryKeyOf } from "./key-counts.ts";
import { scanNumbers } from "./scan-numbers.ts";
import { type FeatureKind, maxFeatures, maxScores } from "./sketch.ts";
import { codeLimit, codesOf, keyReaderOf, kindOf, type SketchedPlace } from "./sketched-columns.ts";

/** Stands for a score that a row has not. */
export const noKey = 0xffff;

/** What became of a row: one that was refused before the model ran is not counted. */
export const RowFate = { scored: 0, failed: 1, refused: 2 } as const;

/** Rows of a chunk, taken down to be counted later. */
export interface TakenRows {
  /** Copies of those inputs that hold plain 32-bit floats, as their bits: a copy costs a tenth of what it takes to count. */
  readonly floats: readonly (Int32Array | undefined)[];
  /** Row by row, the keys of the features that are no plain floats, then those of the scores. */
  readonly keys: Uint16Array;
  /** As `RowBuffers.missing` has it. */
  readonly missing: Uint8Array;
  /** One of `RowFate` per row, 0 until it is known. */
  readonly fates: Uint8Array;
}

/** Plain numbers that stand side by side in an input of 32-bit floats, and in the package. */
export interface FloatRun {
  readonly input: number;
  /** Elements of one row of the input. */
  readonly stride: number;
  readonly feature: number;
  readonly column: number;
  readonly length: number;
}

/** What of a version's rows and results is counted, compiled. */
export interface SketchProgram {
  /** Of the watched features, in the package's order. */
  readonly kinds: readonly FeatureKind[];
  /** Positions of the features whose values may be defaults. */
  readonly missable: readonly number[];
  /** Features of a row in `TakenRows.missing`. */
  readonly missingStride: number;
  readonly floats: readonly FloatRun[];
  /** Positions of the features that have keys. */
  readonly keyed: readonly number[];
  /** Scores of one row; more than one where the scored output is a list. */
  readonly scoreCount: number;
  /**
   * Take the rows 0 to `count` down.
   *
   * @param room - rows that are done with, whose room is used where it is large enough.
   */
  take(buffers: RowBuffers, count: number, room?: TakenRows): TakenRows;
  /** Add the scores of one row. @param outputs - as the model's `OutputEncoder` wrote them */
  takeScores(outputs: string, rows: TakenRows, row: number): void;
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
  const places = watched.map((feature, i): WatchedPlace => {
    const { input, column } = layout.placements[i]!;
    const { type, width: stride } = layout.inputs[input]!;
    return { input, type, column, width: "view" in feature ? 1 : widthOf(feature), stride };
  });
  const codes = watched.map((feature, i) => codesOf(feature, places[i]!));
  const limit = codeLimit(codes.filter((each) => each !== undefined));
  const scored = scoredNumbers(pkg, outputs);
  const scoreCount = scored?.count ?? 0;
  const kinds = codes.map(kindOf);
  const missable = watched.flatMap((feature, i) => (canBeMissing(feature) ? [i] : []));
  const floats = floatRuns(places, kinds);
  const isFloat = (feature: number) =>
    floats.some((run) => feature >= run.feature && feature < run.feature + run.length);
  const keyed = [...places.keys()].filter((feature) => !isFloat(feature));
  const readers = keyed.map((feature) => keyReaderOf(places[feature]!, codes[feature], limit));
  const width = keyed.length + scoreCount;
  const scores = new Float64Array(scoreCount);
  const missingStride = layout.placements.length;
  return { kinds, missable, missingStride, floats, keyed, scoreCount, take, takeScores };

  function take(buffers: RowBuffers, count: number, room?: TakenRows): TakenRows {
    const rows = room !== undefined && room.fates.length >= count ? room : roomFor(count);
    rows.floats.forEach((copy, input) => {
      const array = buffers.arrays[input]!;
      if (copy === undefined || !(array instanceof Float32Array)) return;
      copy.set(new Int32Array(array.buffer, array.byteOffset, count * layout.inputs[input]!.width));
    });
    for (const [i, read] of readers.entries()) {
      const array = buffers.arrays[places[keyed[i]!]!.input]!;
      for (let row = 0; row < count; row++) rows.keys[row * width + i] = read(array, row);
    }
    if (missable.length > 0) rows.missing.set(buffers.missing.subarray(0, missingStride * count));
    rows.fates.fill(0);
    return rows;
  }

  function roomFor(count: number): TakenRows {
    return {
      floats: layout.inputs.map((input, i) =>
        floats.some((run) => run.input === i) ? new Int32Array(count * input.width) : undefined,
      ),
      keys: new Uint16Array(count * width),
      missing: new Uint8Array(missable.length === 0 ? 0 : missingStride * count),
      fates: new Uint8Array(count),
    };
  }

  function takeScores(text: string, { keys }: TakenRows, row: number): void {
    const found = scored === undefined ? 0 : scanNumbers(text, scored.member, scores);
    const at = row * width + keyed.length;
    for (let i = 0; i < scoreCount; i++) keys[at + i] = i < found ? memoryKeyOf(keyOf(scores[i]!)) : noKey;
  }
}

interface WatchedPlace extends SketchedPlace {
  /** Position of the model's input. */
  readonly input: number;
}

/** The numbers of inputs of 32-bit floats, which are most of what models read. */
function floatRuns(places: readonly WatchedPlace[], kinds: readonly FeatureKind[]): FloatRun[] {
  const runs: { -readonly [Key in keyof FloatRun]: FloatRun[Key] }[] = [];
  places.forEach(({ input, type, width, column, stride }, feature) => {
    if (type !== "float32" || width !== 1 || kinds[feature] !== "number") return;
    const last = runs.at(-1);
    const isNext =
      last?.input === input && last.feature + last.length === feature && last.column + last.length === column;
    if (isNext) last.length++;
    else runs.push({ input, stride, feature, column, length: 1 });
  });
  return runs;
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

import { type Feature, isViewFeature } from "../../contract/feature.ts";
import { transformsOf } from "../features/column.ts";
import { fnv1a } from "../features/readings.ts";
import type { ElementArray } from "../features/row-buffers.ts";
import type { TensorType } from "../inference/tensor.ts";
import { keyOf } from "./histogram.ts";
import { memoryKeyOf } from "./key-counts.ts";
import type { FeatureKind } from "./sketch.ts";

/** Where a watched feature stands in the rows of its input. */
export interface SketchedPlace {
  readonly type: TensorType;
  readonly column: number;
  /** Columns that it fills. */
  readonly width: number;
  /** Elements of one row of the input. */
  readonly stride: number;
}

/** Reads the key of one row's feature: of a number as `memoryKeyOf` gives it, of a category its code. */
export type KeyReader = (array: ElementArray, row: number) => number;

/** How many codes the values of a feature have, one for those that are none of its categories included; undefined for numbers. */
export function codesOf(feature: Feature, { type }: SketchedPlace): number | undefined {
  if (type === "string") return textCodes;
  if (isViewFeature(feature)) return undefined;
  const [first, ...steps] = transformsOf(feature);
  // What arithmetic makes of a code is a number like others.
  if (first === undefined || steps.length > 0) return undefined;
  if (first === "boolean") return 3;
  if (typeof first === "string") return undefined;
  if ("index" in first) return first.index.length + 1;
  if ("oneHot" in first) return first.oneHot.length + 1;
  return "hash" in first ? first.hash.buckets + 1 : undefined;
}

/** @param codes - as `codesOf` has it. */
export function kindOf(codes: number | undefined): FeatureKind {
  return codes === undefined ? "number" : "category";
}

/**
 * How many codes are told apart per feature: a power of two that all features together find room under. Where a feature
 * has more, those are counted as one that are equal modulo it.
 */
export function codeLimit(codes: readonly number[]): number {
  let limit = maxCodes;
  while (limit > 2 && codes.reduce((sum, each) => sum + Math.min(each, limit), 0) > maxCodesInAll) limit /= 2;
  return limit;
}

/** @param limit - as `codeLimit` has it. */
export function keyReaderOf(place: SketchedPlace, codes: number | undefined, limit: number): KeyReader {
  const { type, column, width, stride } = place;
  if (type === "string") return (array, row) => textCode(array[row * stride + column] as string) % limit;
  if (codes === undefined)
    return width === 1
      ? (array, row) => memoryKeyOf(keyOf(Number(array[row * stride + column])))
      : (array, row) => memoryKeyOf(keyOf(sampledMean(array, row * stride + column, width)));
  const none = codes - 1;
  if (width > 1 || none === 1)
    return (array, row) => hotPosition(array, row * stride + column, width, none) % limit;
  return (array, row) => {
    const value = Number(array[row * stride + column]);
    return (Number.isInteger(value) && value >= 0 && value < none ? value : none) % limit;
  };
}

/** Room for the flagship's airports; a vocabulary beyond it is told by its share modulo this. */
const maxCodes = 512;
/** At up to five bytes each, some 60 kB of an item. */
const maxCodesInAll = 12_288;
const textCodes = 256;
/** Characters of a text that tell it from others. */
const maxTextLength = 64;
/** Elements of a tensor that stand for all. */
const maxSampled = 64;

function textCode(text: string): number {
  return fnv1a(Buffer.from(text.slice(0, maxTextLength))) % textCodes;
}

function sampledMean(array: ElementArray, from: number, width: number): number {
  const step = Math.ceil(width / maxSampled);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < width; i += step) {
    sum += Number(array[from + i]);
    count++;
  }
  return sum / count;
}

function hotPosition(array: ElementArray, from: number, width: number, none: number): number {
  for (let i = 0; i < width; i++) if (Number(array[from + i]) === 1) return i;
  return none;
}

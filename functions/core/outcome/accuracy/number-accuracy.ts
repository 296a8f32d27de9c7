import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

/** How predicted numbers compare with what came true, predicted minus true: sums that merge. */
export interface NumberPartial {
  readonly kind: "number";
  count: number;
  errorSum: number;
  absoluteSum: number;
  squaredSum: number;
}

export interface NumberFigures {
  readonly kind: "number";
  readonly count: number;
  /** Mean absolute error; undefined, as every figure, where nothing was counted. */
  readonly mae: number | undefined;
  readonly rmse: number | undefined;
  /** Mean error: above 0 where too much is predicted. */
  readonly bias: number | undefined;
}

export function emptyNumber(): NumberPartial {
  return { kind: "number", count: 0, errorSum: 0, absoluteSum: 0, squaredSum: 0 };
}

export function addNumber(to: NumberPartial, score: number, label: number): void {
  const error = score - label;
  to.count += 1;
  to.errorSum += error;
  to.absoluteSum += Math.abs(error);
  to.squaredSum += error * error;
}

export function mergeNumber(to: NumberPartial, from: NumberPartial): void {
  to.count += from.count;
  to.errorSum += from.errorSum;
  to.absoluteSum += from.absoluteSum;
  to.squaredSum += from.squaredSum;
}

export function figuresOfNumber({ count, errorSum, absoluteSum, squaredSum }: NumberPartial): NumberFigures {
  const over = (sum: number) => (count === 0 ? undefined : sum / count);
  const meanSquare = over(squaredSum);
  return {
    kind: "number",
    count,
    mae: over(absoluteSum),
    rmse: meanSquare === undefined ? undefined : Math.sqrt(meanSquare),
    bias: over(errorSum),
  };
}

export function writeNumber(writer: BinaryWriter, partial: NumberPartial): void {
  writer
    .uint32(partial.count)
    .double(partial.errorSum)
    .double(partial.absoluteSum)
    .double(partial.squaredSum);
}

export function readNumber(reader: BinaryReader): NumberPartial {
  return {
    kind: "number",
    count: reader.uint32(),
    errorSum: reader.double(),
    absoluteSum: reader.double(),
    squaredSum: reader.double(),
  };
}

import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

/** Predictions by how sure they were: whether what was said to happen in 7 of 10 cases did. */
export interface Calibration {
  /** One per bin of equal width over 0 to 1. */
  readonly counts: number[];
  readonly hits: number[];
  readonly scoreSums: number[];
}

/** @see Guo et al., On Calibration of Modern Neural Networks, 2017, which uses as many */
const binCount = 15;

export function emptyCalibration(): Calibration {
  const zeros = () => new Array<number>(binCount).fill(0);
  return { counts: zeros(), hits: zeros(), scoreSums: zeros() };
}

/** @param score - the probability that was given; what lies outside 0 to 1 counts in the outermost bins. */
export function addCalibration(to: Calibration, score: number, isHit: boolean): void {
  const bin = Math.min(Math.max(Math.floor(score * binCount), 0), binCount - 1);
  to.counts[bin]! += 1;
  to.hits[bin]! += isHit ? 1 : 0;
  to.scoreSums[bin]! += score;
}

export function mergeCalibration(to: Calibration, { counts, hits, scoreSums }: Calibration): void {
  for (let bin = 0; bin < binCount; bin++) {
    to.counts[bin]! += counts[bin]!;
    to.hits[bin]! += hits[bin]!;
    to.scoreSums[bin]! += scoreSums[bin]!;
  }
}

/** Expected calibration error: the mean gap between a bin's probability and its share of hits. @returns undefined without counts */
export function calibrationError({ counts, hits, scoreSums }: Calibration): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  return counts.reduce((sum, _, bin) => sum + Math.abs(scoreSums[bin]! - hits[bin]!), 0) / total;
}

/** Empty bins take one byte each. */
export function writeCalibration(writer: BinaryWriter, { counts, hits, scoreSums }: Calibration): void {
  for (let bin = 0; bin < binCount; bin++) {
    writer.uint32(counts[bin]!);
    if (counts[bin]! > 0) writer.uint32(hits[bin]!).double(scoreSums[bin]!);
  }
}

export function readCalibration(reader: BinaryReader): Calibration {
  const read = emptyCalibration();
  for (let bin = 0; bin < binCount; bin++) {
    read.counts[bin] = reader.uint32();
    if (read.counts[bin] === 0) continue;
    read.hits[bin] = reader.uint32();
    read.scoreSums[bin] = reader.double();
  }
  return read;
}

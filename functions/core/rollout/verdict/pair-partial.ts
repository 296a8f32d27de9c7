import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { InvariantError } from "../../errors.ts";
import type { PairLosses } from "./pair-losses.ts";

/** What two versions lost on the same events, as sums that merge. */
export interface PairPartial {
  count: number;
  /** Of the other's loss minus the champion's: below 0 where the other is better. */
  differenceSum: number;
  differenceSquaredSum: number;
  championLossSum: number;
  otherLossSum: number;
  /** In nats; 0 where a number is predicted, which has no log-loss. */
  championLogLossSum: number;
  otherLogLossSum: number;
}

export function emptyPairs(): PairPartial {
  return {
    count: 0,
    differenceSum: 0,
    differenceSquaredSum: 0,
    championLossSum: 0,
    otherLossSum: 0,
    championLogLossSum: 0,
    otherLogLossSum: 0,
  };
}

/** Count one pair in. */
export function addPair(to: PairPartial, { champion, other }: PairLosses): void {
  const difference = other.loss - champion.loss;
  to.count += 1;
  to.differenceSum += difference;
  to.differenceSquaredSum += difference * difference;
  to.championLossSum += champion.loss;
  to.otherLossSum += other.loss;
  to.championLogLossSum += champion.logLoss;
  to.otherLogLossSum += other.logLoss;
}

/** What some partials hold together; they stay as they are. */
export function totalPairs(partials: Iterable<PairPartial>): PairPartial {
  const total = emptyPairs();
  for (const each of partials) for (const name of names) total[name] += each[name];
  return total;
}

const version = 1;
/** In the order in which they are written, behind the count. */
const sums = [
  "differenceSum",
  "differenceSquaredSum",
  "championLossSum",
  "otherLossSum",
  "championLogLossSum",
  "otherLogLossSum",
] as const;
const names = ["count", ...sums] as const;

/** As a shard's part of an item holds it: a version, the count, then doubles. */
export function encodePairs(partial: PairPartial): Uint8Array {
  const writer = new BinaryWriter().uint32(version).uint32(partial.count);
  for (const name of sums) writer.double(partial[name]);
  return writer.finish();
}

/** @throws {InvariantError} where the bytes are of a version that this release does not know. */
export function decodePairs(bytes: Uint8Array): PairPartial {
  const reader = new BinaryReader(bytes);
  const got = reader.uint32();
  if (got !== version) {
    throw new InvariantError(
      `pairs: got version ${got}, expected ${version}; read them with the release that wrote them`,
    );
  }
  const partial = emptyPairs();
  partial.count = reader.uint32();
  for (const name of sums) partial[name] = reader.double();
  return partial;
}

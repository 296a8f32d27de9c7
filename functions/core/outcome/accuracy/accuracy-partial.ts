import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { InvariantError } from "../../errors.ts";
import {
  addBinary,
  type BinaryFigures,
  type BinaryPartial,
  emptyBinary,
  figuresOfBinary,
  mergeBinary,
  readBinary,
  writeBinary,
} from "./binary-accuracy.ts";
import {
  addClasses,
  type ClassFigures,
  type ClassPartial,
  emptyClasses,
  figuresOfClasses,
  mergeClasses,
  readClasses,
  writeClasses,
} from "./class-accuracy.ts";
import {
  addNumber,
  emptyNumber,
  figuresOfNumber,
  mergeNumber,
  type NumberFigures,
  type NumberPartial,
  readNumber,
  writeNumber,
} from "./number-accuracy.ts";

/** How good some predictions were, as sums and counts that merge. */
export type AccuracyPartial = BinaryPartial | ClassPartial | NumberPartial;

/** What a partial says; undefined where nothing a figure stands on was counted. */
export type AccuracyFigures = BinaryFigures | ClassFigures | NumberFigures;

/** One prediction and what came true. */
export type ScoredOutcome =
  | { readonly kind: "binary"; readonly score: number; readonly label: number; readonly threshold: number }
  | { readonly kind: "classes"; readonly scores: readonly number[]; readonly label: number }
  | { readonly kind: "number"; readonly score: number; readonly label: number };

/** The partial of nothing, for outcomes like this one. */
export function emptyAccuracy(like: ScoredOutcome): AccuracyPartial {
  if (like.kind === "classes") return emptyClasses(like.scores.length);
  return like.kind === "binary" ? emptyBinary() : emptyNumber();
}

/** Count one outcome in. */
export function addOutcome(to: AccuracyPartial, outcome: ScoredOutcome): void {
  if (to.kind === "binary" && outcome.kind === "binary") addBinary(to, outcome);
  else if (to.kind === "number" && outcome.kind === "number") addNumber(to, outcome.score, outcome.label);
  else if (to.kind === "classes" && outcome.kind === "classes") addClasses(to, outcome.scores, outcome.label);
  else throw unlike(to.kind, outcome.kind);
}

/** Count what another partial holds in. */
export function mergeAccuracy(to: AccuracyPartial, from: AccuracyPartial): void {
  if (to.kind === "binary" && from.kind === "binary") mergeBinary(to, from);
  else if (to.kind === "number" && from.kind === "number") mergeNumber(to, from);
  else if (to.kind === "classes" && from.kind === "classes") mergeClasses(to, from);
  else throw unlike(to.kind, from.kind);
}

/** What some partials of one kind hold together; they stay as they are. @returns undefined where there are none */
export function totalAccuracy(partials: readonly AccuracyPartial[]): AccuracyPartial | undefined {
  const [first, ...rest] = partials;
  if (first === undefined) return undefined;
  const total = structuredClone(first);
  for (const each of rest) mergeAccuracy(total, each);
  return total;
}

export function accuracyOf(partial: AccuracyPartial): AccuracyFigures {
  if (partial.kind === "classes") return figuresOfClasses(partial);
  return partial.kind === "binary" ? figuresOfBinary(partial) : figuresOfNumber(partial);
}

const version = 1;
const kinds = ["binary", "classes", "number"] as const;

/** As a shard's part of an item holds it: a version, the kind, then varints and doubles. */
export function encodeAccuracy(partial: AccuracyPartial): Uint8Array {
  const writer = new BinaryWriter().uint32(version).uint32(kinds.indexOf(partial.kind));
  if (partial.kind === "binary") writeBinary(writer, partial);
  else if (partial.kind === "classes") writeClasses(writer, partial);
  else writeNumber(writer, partial);
  return writer.finish();
}

/** @throws {InvariantError} where the bytes are of a version or kind that this release does not know. */
export function decodeAccuracy(bytes: Uint8Array): AccuracyPartial {
  const reader = new BinaryReader(bytes);
  const [gotVersion, kind] = [reader.uint32(), reader.uint32()];
  if (gotVersion !== version || kinds[kind] === undefined) {
    throw new InvariantError(
      `accuracy: got version ${gotVersion}, kind ${kind}, expected version ${version}, kind 0 to ${kinds.length - 1}; read it with the release that wrote it`,
    );
  }
  if (kinds[kind] === "binary") return readBinary(reader);
  return kinds[kind] === "classes" ? readClasses(reader) : readNumber(reader);
}

function unlike(kind: string, other: string): InvariantError {
  return new InvariantError(
    `accuracy: got a ${other} to count into a ${kind}, expected one kind per model version`,
  );
}

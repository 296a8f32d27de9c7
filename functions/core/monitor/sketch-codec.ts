import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { InvariantError } from "../errors.ts";
import { bounded, type Histogram } from "./histogram.ts";
import { type FeatureKind, type FeatureSketch, maxFeatures, maxScores, type Sketch } from "./sketch.ts";

const version = 1;
const kinds: readonly FeatureKind[] = ["number", "category"];
/** Numbers need no more buckets to be told apart: over an octave there are 16. */
const mostBuckets = 512;
const fewestBuckets = 4;
/** Far below an item's 400 KB: what is written anew every few seconds must be small. */
export const maxSketchBytes = 96_000;
/** Keys and levels are far smaller, and no body holds more of them. */
const maxKeyMagnitude = 2 ** 24;
const maxLevel = 12;

/**
 * As an item holds it: a version, then varints; keys as their distances.
 *
 * Where numbers fall into more buckets than there is room for, neighbours are counted as one, in coarser and coarser
 * buckets, until the body has at most `maxSketchBytes`. Buckets of numbers are as coarse as that takes in any order of
 * encoding and merging, or coarser; they are never in between.
 */
export function encodeSketch(sketch: Sketch): Uint8Array {
  for (let maxBuckets = mostBuckets; ; maxBuckets /= 2) {
    const bytes = encodeBounded(sketch, maxBuckets);
    if (bytes.length <= maxSketchBytes || maxBuckets <= fewestBuckets) return bytes;
  }
}

/** @throws {InvariantError} where the bytes are damaged, or of a version that this release does not know. */
export function decodeSketch(bytes: Uint8Array): Sketch {
  try {
    return readSketch(new BinaryReader(bytes));
  } catch (cause) {
    if (cause instanceof InvariantError) throw cause;
    throw damaged(`${bytes.length} bytes that end too early`, "a whole body", cause);
  }
}

function encodeBounded({ rows, failed, runMs, features, scores }: Sketch, maxBuckets: number): Uint8Array {
  const writer = new BinaryWriter().uint32(version).uint32(rows).uint32(failed).double(runMs);
  writer.uint32(features.length);
  for (const { kind, histogram, missing, invalid } of features) {
    writer.uint32(kinds.indexOf(kind));
    // 0 stands for not known.
    writer.uint32(missing === undefined ? 0 : missing + 1).uint32(invalid);
    writeHistogram(writer, kind === "number" ? bounded(histogram, maxBuckets) : histogram);
  }
  writer.uint32(scores.length);
  for (const each of scores) writeHistogram(writer, bounded(each, maxBuckets));
  return writer.finish();
}

function writeHistogram(writer: BinaryWriter, { level, keys, counts }: Histogram): void {
  writer.uint32(level).uint32(keys.length);
  let previous = 0;
  for (let i = 0; i < keys.length; i++) {
    if (i === 0) writer.sint32(keys[i]!);
    else writer.uint32(keys[i]! - previous);
    writer.uint32(counts[i]!);
    previous = keys[i]!;
  }
}

function readSketch(reader: BinaryReader): Sketch {
  const found = reader.uint32();
  if (found !== version) throw damaged(`version ${found}`, `version ${version}`);
  const [rows, failed, runMs] = [reader.uint32(), reader.uint32(), reader.double()];
  const features = readList(reader, maxFeatures, (): FeatureSketch => {
    const kind = kinds[reader.uint32()];
    if (kind === undefined) throw damaged("a feature of another kind", kinds.join(" or "));
    const [missing, invalid] = [reader.uint32(), reader.uint32()];
    return {
      kind,
      histogram: readHistogram(reader),
      missing: missing === 0 ? undefined : missing - 1,
      invalid,
    };
  });
  const scores = readList(reader, maxScores, () => readHistogram(reader));
  if (reader.pos !== reader.len) throw damaged(`${reader.len} bytes`, `${reader.pos}`);
  if (!(failed <= rows && runMs >= 0 && runMs < Infinity))
    throw damaged(`${failed} failed rows of ${rows}`, "sound counts");
  return { rows, failed, runMs, features, scores };
}

function readList<Element>(reader: BinaryReader, max: number, read: () => Element): Element[] {
  const length = reader.uint32();
  if (length > max) throw damaged(`a list of ${length}`, `at most ${max}`);
  return Array.from({ length }, read);
}

function readHistogram(reader: BinaryReader): Histogram {
  const level = reader.uint32();
  if (level > maxLevel) throw damaged(`level ${level}`, `at most ${maxLevel}`);
  const keys: number[] = [];
  const counts: number[] = [];
  const length = reader.uint32();
  for (let i = 0; i < length; i++) {
    keys.push(i === 0 ? reader.sint32() : keys[i - 1]! + reader.uint32());
    counts.push(reader.uint32());
    const isAscending = i === 0 || keys[i]! > keys[i - 1]!;
    if (!isAscending || Math.abs(keys[i]!) > maxKeyMagnitude || counts[i] === 0)
      throw damaged(`${counts[i]} values in bucket ${keys[i]}`, "ascending buckets that hold any");
  }
  return { level, keys, counts };
}

function damaged(got: string, expected: string, cause?: unknown): InvariantError {
  return new InvariantError(
    `sketch: got ${got}, expected ${expected}; it is damaged or newer: read it with the release that wrote it`,
    { cause },
  );
}

import { InvariantError } from "../errors.ts";
import { clearTile, Stat, tileStats } from "./tile.ts";
import { blockTiles, countTiles, createTileSet, type TileSet } from "./tile-set.ts";

const version = 1;
const headerBytes = 3;
/** In the header, beside the tiles' bits: whether the tiles carry values. */
const withValues = 1 << blockTiles;
/** Whole numbers below this are written in 1 to 7 bytes, everything else in 9. */
const maxWhole = 2 ** 47;

/** In this order; a tile without values ends after the third. */
const written = [Stat.count, Stat.hits, Stat.lastMs, Stat.sum, Stat.m2, Stat.min, Stat.max, Stat.last];
const writtenWithout = 3;

const scratch = new DataView(new ArrayBuffer(headerBytes + blockTiles * tileStats * 9));

/**
 * Write what one shard counted in one block: a version byte, 16 bits (little-endian) of which the lower 12 say which
 * tiles follow and the next one whether they carry values, then the tiles' numbers.
 *
 * A whole number is a varint of its zigzag + 1; a 0 byte stands before any other, a little-endian float64.
 */
export function encodeBlock({ mask, stats }: TileSet): Uint8Array {
  const hasValues = mask !== 0 && !Number.isNaN(stats[tileStats + Stat.last]!);
  scratch.setUint8(0, version);
  scratch.setUint16(1, mask | (hasValues ? withValues : 0), true);
  const numbers = hasValues ? tileStats : writtenWithout;
  const end = (countTiles(mask) + 1) * tileStats;
  let at = headerBytes;
  for (let tile = tileStats; tile < end; tile += tileStats)
    for (let i = 0; i < numbers; i++) at = writeNumber(at, stats[tile + written[i]!]!);
  return new Uint8Array(scratch.buffer.slice(0, at));
}

/** @throws {InvariantError} when the body is damaged or of a newer version. */
export function decodeBlock(body: Uint8Array): TileSet {
  if (body[0] !== version) throw damaged(`version ${body[0]}`, `version ${version}`);
  if (body.length < headerBytes) throw damaged(`${body.length} bytes`, `at least ${headerBytes}`);
  const bytes = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const bits = bytes.getUint16(1, true);
  if (bits >= withValues * 2) throw damaged(`the header bits ${bits}`, `fewer than ${withValues * 2}`);
  const mask = bits & (withValues - 1);
  const set = createTileSet(countTiles(mask));
  set.mask = mask;
  const cursor = { at: headerBytes };
  const numbers = (bits & withValues) === 0 ? writtenWithout : tileStats;
  for (let tile = tileStats; tile < set.stats.length; tile += tileStats) {
    clearTile(set.stats, tile);
    for (let i = 0; i < numbers; i++) set.stats[tile + written[i]!] = readNumber(bytes, cursor);
    checkTile(set.stats, tile, numbers === tileStats);
  }
  if (cursor.at !== body.length) throw damaged(`${body.length} bytes`, `${cursor.at}`);
  return set;
}

function writeNumber(at: number, value: number): number {
  if (!Number.isInteger(value) || Math.abs(value) >= maxWhole || Object.is(value, -0)) {
    scratch.setUint8(at, 0);
    scratch.setFloat64(at + 1, value, true);
    return at + 9;
  }
  // Above 31 bits: divided, since bit operators would cut it.
  let rest = (value < 0 ? -2 * value - 1 : 2 * value) + 1;
  for (; rest >= 128; rest = Math.floor(rest / 128)) scratch.setUint8(at++, 128 + (rest % 128));
  scratch.setUint8(at++, rest);
  return at;
}

function readNumber(bytes: DataView, cursor: { at: number }): number {
  let zigzag = 0;
  for (let unit = 1; unit <= maxWhole * 4; unit *= 128) {
    if (cursor.at >= bytes.byteLength) throw damaged(`${bytes.byteLength} bytes`, "more");
    const byte = bytes.getUint8(cursor.at++);
    zigzag += (byte & 127) * unit;
    if (byte >= 128) continue;
    if (zigzag === 0) return readFloat(bytes, cursor);
    zigzag--;
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }
  throw damaged("a number without an end", "at most 8 bytes");
}

function readFloat(bytes: DataView, cursor: { at: number }): number {
  if (cursor.at + 8 > bytes.byteLength) throw damaged(`${bytes.byteLength} bytes`, "more");
  cursor.at += 8;
  return bytes.getFloat64(cursor.at - 8, true);
}

/** What no tile can be: half a body that happens to parse must not become features. */
function checkTile(stats: Float64Array, at: number, hasValues: boolean): void {
  const count = stats[at + Stat.count]!;
  const hits = stats[at + Stat.hits]!;
  const m2 = stats[at + Stat.m2]!;
  const last = stats[at + Stat.last]!;
  const isCounted = Number.isSafeInteger(count) && count > 0 && Number.isSafeInteger(hits);
  const isSound = isCounted && hits >= 0 && hits <= count && Number.isSafeInteger(stats[at + Stat.lastMs]!);
  const isValued =
    Number.isFinite(stats[at + Stat.sum]! + m2 + stats[at + Stat.min]! + stats[at + Stat.max]!) &&
    m2 >= 0 &&
    stats[at + Stat.min]! <= last &&
    last <= stats[at + Stat.max]!;
  if (!isSound || (hasValues && !isValued))
    throw damaged(`a tile of ${stats.subarray(at, at + tileStats).join(", ")}`, "a sound one");
}

function damaged(got: string, expected: string): InvariantError {
  return new InvariantError(`block of tiles: got ${got}, expected ${expected}; the item is damaged or newer`);
}

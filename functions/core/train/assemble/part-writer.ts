import { createHash } from "node:crypto";
import type { TrainingSlice } from "../../../contract/training-data.ts";
import type { ObjectStore } from "../examples/object-reader.ts";

/** Writes the rows of one slice, part by part: no more than one part is in memory. */
export interface PartWriter {
  /** @param timeMs - of the event, epoch milliseconds. */
  add(row: Float32Array, timeMs: number): Promise<void>;
  /** Write what is left. @returns the slice as the manifest names it */
  finish(): Promise<TrainingSlice>;
}

/** A part is far below what one request may carry, and large enough that requests cost little. */
const partBytes = 16 * 2 ** 20;

export function createPartWriter(options: {
  readonly store: ObjectStore;
  /** Of the parts' keys; `0.f32`, `1.f32`, … come behind it. */
  readonly prefix: string;
  /** Numbers of a row. */
  readonly width: number;
  /** Changes the rows of a part before it is written. @default they stay as they were added */
  readonly revise?: (rows: Float32Array) => Promise<void>;
}): PartWriter {
  const { store, prefix, width, revise } = options;
  const capacity = Math.max(1, Math.floor(partBytes / (4 * width)));
  const rows = new Float32Array(capacity * width);
  const parts: TrainingSlice["parts"] = [];
  let [count, total] = [0, 0];
  let [fromMs, toMs] = [Infinity, -Infinity];
  return { add, finish };

  async function add(row: Float32Array, timeMs: number): Promise<void> {
    rows.set(row, count * width);
    count++;
    total++;
    fromMs = Math.min(fromMs, timeMs);
    toMs = Math.max(toMs, timeMs);
    if (count === capacity) await writePart();
  }

  async function finish(): Promise<TrainingSlice> {
    if (count > 0) await writePart();
    const instant = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : "");
    return { rows: total, from: instant(fromMs), to: instant(toMs), parts };
  }

  async function writePart(): Promise<void> {
    const key = `${prefix}${parts.length}.f32`;
    const written = rows.subarray(0, count * width);
    await revise?.(written);
    const bytes = littleEndian(written);
    await store.put(key, bytes, "application/octet-stream");
    parts.push({ key, rows: count, sha256: createHash("sha256").update(bytes).digest("hex") });
    count = 0;
  }
}

/** A copy: the store may still read it while the next part is filled. */
function littleEndian(values: Float32Array): Uint8Array {
  const bytes = Buffer.from(values.slice().buffer);
  return isLittleEndian ? bytes : bytes.swap32();
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

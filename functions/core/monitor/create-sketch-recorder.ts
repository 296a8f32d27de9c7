import { ModelRunError } from "../errors.ts";
import type { LoadedModel } from "../inference/loaded-model.ts";
import type { Logger } from "../observe/logger.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { Mark } from "../state/mark.ts";
import type { ShardPart, ShardStateStore } from "../state/shard-state-store.ts";
import { createHourSketch, type HourSketch } from "./hour-sketch.ts";
import { RowFate, type SketchProgram, type TakenRows } from "./sketch-program.ts";
import type { SketchedResult, SketchedRows, SketchRecorder } from "./sketch-recorder.ts";
import { sketchHour, sketchPartition, sketchSortKey } from "./sketch-store.ts";

export interface SketchRecorderOptions {
  readonly store: ShardStateStore;
  readonly model: string;
  /** The shard of the stream, or an environment that answers HTTPS: one at a time writes under this name. */
  readonly writer: string;
  readonly programOf: (model: LoadedModel) => SketchProgram;
  /** A clock in milliseconds that is never set back. */
  readonly nowMs: () => number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** What is written is a busy hour's whole part anew, some kilobytes, and costs by its size. */
const flushMs = 2000;
/** Hours, by role and version, that stay in memory once they are written. */
const maxKept = 8;
/** Hours that are read and written at a time. */
const maxAtOnce = 16;
/** Rows that wait: for their batch to end, or while what is stored cannot be read. */
const maxWaiting = 65_536;
const maxFreeRooms = 16;
/** Columns of counts, at some kilobytes each, that come together before they are written early, as in a replay of many hours. */
const maxColumns = 8192;
/** Turns in which a part is read, added to and written, while other environments do so, too. */
const maxTurns = 2;
/** Hours that wait to be written while the store cannot be reached. */
const maxUnwritten = 64;
const hourMs = 3_600_000;
const keptSeconds = 400 * 86_400;

interface Room {
  readonly program: SketchProgram;
  readonly rows: TakenRows;
}

interface Hour {
  readonly sortKey: string;
  readonly beginsMs: number;
  readonly sketch: HourSketch;
}

/** Make the recorder of one writer. */
export function createSketchRecorder(options: SketchRecorderOptions): SketchRecorder {
  const { store, writer, programOf, nowMs, now, metrics, logger } = options;
  const partitionKey = sketchPartition(options.model);
  const hours = new Map<string, Hour>();
  let flushedMs = Number.NEGATIVE_INFINITY;
  let isFlushing = false;
  let waiting = 0;
  /** Those with rows that wait. */
  const touched = new Set<Hour>();
  /** Of the hours that came into memory since the last time all were written. */
  let columns = 0;
  /** Of rows that wait, and of such as do no more. */
  let heldRooms: Room[] = [];
  let freeRooms: Room[] = [];
  /** Whether other environments write, too: then what is stored is read before every write, which costs less than one that fails. */
  let isShared = false;

  return { add, flush };

  function add({ model, role, count, timesMs, marks }: SketchedRows) {
    const program = programOf(model);
    const rows = program.take(model.buffers, count, takeRoom(program));
    return (results: readonly SketchedResult[], runMs: number) => {
      for (let row = 0; row < count; row++) {
        const result = results[row]!;
        if (typeof result === "string") program.takeScores(result, rows, row);
        else rows.fates[row] = result instanceof ModelRunError ? RowFate.failed : RowFate.refused;
      }
      const rowMs = runMs / count;
      for (const [hour, order] of rowsByHour(timesMs, count)) {
        const key = { hour: sketchHour(hour * hourMs), role, digest: model.digest };
        const of = hourAt(sketchSortKey(key, writer), hour * hourMs, program);
        of.sketch.take({ rows, rowMs, order, marks });
        touched.add(of);
      }
      heldRooms.push({ program, rows });
      waiting += count;
      // A batch of so many rows may in part come again: the marks keep those out, in this environment at least.
      if (waiting > maxWaiting) commit(undefined);
    };
  }

  /** Rooms are used again: the pages of new ones would have to be cleared by the system first. */
  function takeRoom(program: SketchProgram): TakenRows | undefined {
    const at = freeRooms.findIndex((each) => each.program === program);
    return at < 0 ? undefined : freeRooms.splice(at, 1)[0]!.rows;
  }

  function hourAt(sortKey: string, beginsMs: number, program: SketchProgram): Hour {
    const known = hours.get(sortKey);
    if (known !== undefined) return known;
    const made = { sortKey, beginsMs, sketch: createHourSketch(program) };
    hours.set(sortKey, made);
    columns += program.kinds.length;
    return made;
  }

  async function flush(before?: Mark): Promise<void> {
    commit(before);
    if (isFlushing) return;
    isFlushing = true;
    try {
      // At once: later, other environments may have written what came after these rows, and its mark would keep them out.
      const closed = [...touched].filter(({ sketch }) => !sketch.isOpen && sketch.waiting > 0);
      for (let i = 0; i < closed.length; i += maxAtOnce) await read(closed.slice(i, i + maxAtOnce));
      if (nowMs() - flushedMs >= flushMs || columns > maxColumns) await saveAll();
    } finally {
      isFlushing = false;
    }
  }

  async function saveAll(): Promise<void> {
    flushedMs = nowMs();
    const dirty = [...hours.values()].filter(({ sketch }) => sketch.isDirty);
    for (let i = 0; i < dirty.length; i += maxAtOnce) await save(dirty.slice(i, i + maxAtOnce));
    forgetOldest();
    dropExcess();
    columns = 0;
  }

  function commit(before: Mark | undefined): void {
    waiting = 0;
    for (const each of touched) {
      each.sketch.commit(before);
      waiting += each.sketch.waiting;
      if (each.sketch.waiting === 0) touched.delete(each);
    }
    if (waiting > 0) return;
    freeRooms = heldRooms.slice(0, maxFreeRooms);
    heldRooms = [];
  }

  async function save(dirty: readonly Hour[]): Promise<void> {
    let open = isShared ? await read(dirty) : dirty;
    for (let turn = 0; open.length > 0; turn++) {
      const overtaken = await write(open);
      if (overtaken.length === 0) return;
      isShared = true;
      if (turn === maxTurns)
        noteError("sketches not written; others are written in between", { hours: overtaken.length });
      open = turn === maxTurns ? [] : await read(overtaken);
    }
  }

  /** Go on from what is stored. @returns those of which that is known. */
  async function read(closed: readonly Hour[]): Promise<readonly Hour[]> {
    try {
      const found = await store.read(
        closed.map(({ sortKey }) => ({ partitionKey, from: sortKey, to: sortKey })),
      );
      return closed.filter((hour, i) => openOne(hour, found[i]![0]?.parts.get(writer)));
    } catch (error) {
      noteError("sketches not read; they are tried again", { hours: closed.length, error });
      return [];
    }
  }

  function openOne(hour: Hour, part: ShardPart | undefined): boolean {
    try {
      hour.sketch.open(part);
      return true;
    } catch (error) {
      forget(hour);
      noteError("a stored sketch cannot be read; what was counted is not added to it", {
        sketch: hour.sortKey,
        error,
      });
      return false;
    }
  }

  /** @returns those that another environment has written meanwhile. */
  async function write(dirty: readonly Hour[]): Promise<readonly Hour[]> {
    const failed = await store.write(
      dirty.map(({ sortKey, beginsMs, sketch }) => ({
        ...{ partitionKey, sortKey, shard: writer, expected: sketch.standing, part: sketch.part() },
        expiresAt: Math.ceil(Math.max(beginsMs + hourMs, now()) / 1000) + keptSeconds,
      })),
    );
    const reasons = new Map(failed.map(({ index, reason }) => [index, reason]));
    for (const [i, { sketch }] of dirty.entries()) if (!reasons.has(i)) sketch.settle();
    const unavailable = failed.filter(({ reason }) => reason === "unavailable").length;
    if (unavailable > 0)
      noteError("sketches not written; they are tried again", { hours: unavailable }, unavailable);
    return dirty.filter((_, i) => reasons.get(i) === "conflict");
  }

  /** What is not written stays; an hour that comes again is read again. */
  function forgetOldest(): void {
    const excess = hours.size - maxKept;
    if (excess <= 0) return;
    const written = [...hours.values()].filter(({ sketch }) => sketch.waiting === 0 && !sketch.isDirty);
    for (const hour of written.sort((a, b) => a.beginsMs - b.beginsMs).slice(0, excess)) forget(hour);
  }

  /** While the store cannot be reached, memory is bounded by giving up counts. */
  function dropExcess(): void {
    const excess = hours.size - maxUnwritten;
    if (waiting > maxWaiting) {
      for (const { sketch } of touched) sketch.drop();
      touched.clear();
      noteError("too many rows wait to be counted; they are not", { rows: waiting });
      waiting = 0;
    }
    if (excess <= 0) return;
    for (const hour of [...hours.values()].slice(0, excess)) forget(hour);
    noteError("too many sketches wait to be written; the oldest are not", { hours: excess }, excess);
  }

  function forget(hour: Hour): void {
    hours.delete(hour.sortKey);
    touched.delete(hour);
  }

  function noteError(message: string, fields: Readonly<Record<string, unknown>>, count = 1): void {
    metrics.add("SketchErrors", count, "Count");
    logger.warn(message, fields);
  }
}

/** The rows of each hour since 1970. */
function rowsByHour(timesMs: readonly number[], count: number): ReadonlyMap<number, Int32Array> {
  const hours = new Map<number, Int32Array>();
  const rest = new Int32Array(count);
  for (let row = 0; row < count; row++) rest[row] = row;
  // Most chunks lie within one hour, or two.
  for (let left = count; left > 0; ) {
    const hour = Math.floor(timesMs[rest[0]!]! / hourMs);
    const [fromMs, untilMs] = [hour * hourMs, (hour + 1) * hourMs];
    const own = new Int32Array(left);
    let [ownCount, restCount] = [0, 0];
    for (let i = 0; i < left; i++) {
      const row = rest[i]!;
      const isOwn = i === 0 || (timesMs[row]! >= fromMs && timesMs[row]! < untilMs);
      if (isOwn) own[ownCount++] = row;
      else rest[restCount++] = row;
    }
    hours.set(hour, own.subarray(0, ownCount));
    left = restCount;
  }
  return hours;
}

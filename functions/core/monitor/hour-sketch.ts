import type { Mark } from "../state/mark.ts";
import type { ShardPart } from "../state/shard-state-store.ts";
import { emptySketch, mergeSketches, type Sketch } from "./sketch.ts";
import { decodeSketch, encodeSketch } from "./sketch-codec.ts";
import { createSketchCounter } from "./sketch-counter.ts";
import type { SketchProgram, TakenRows } from "./sketch-program.ts";
import type { RowMarks } from "./sketch-recorder.ts";

/** Rows of one chunk that fall into one hour. */
export interface HourRows {
  readonly rows: TakenRows;
  /** Milliseconds that each row's share of the run took. */
  readonly rowMs: number;
  /** Positions of the hour's rows, ascending. */
  readonly order: Int32Array;
  /** One per row of the chunk, ascending. */
  readonly marks: RowMarks;
}

/**
 * What one environment counts into one writer's part of one hour.
 *
 * A shard's batches come one after the other, but to any environment: several count into one part by turns. So what is
 * counted here is added to what stands there when it is written, and the part's mark, which no row up to it is counted
 * beyond, keeps out rows that were counted before their environment died.
 */
export interface HourSketch {
  /** Rows that are taken down and not counted yet. */
  readonly waiting: number;
  /** Whether it is known what is stored. */
  readonly isOpen: boolean;
  /** Whether there is anything to be written. */
  readonly isDirty: boolean;
  /** The mark that is stored, as far as is known. */
  readonly standing: Mark | undefined;
  /** Take rows down until it is known whether they come again. */
  take(rows: HourRows): void;
  /** Count what was taken down, but for rows from a mark on, which come again. */
  commit(before: Mark | undefined): void;
  /** Go on from what is stored. @throws {InvariantError} where it cannot be read */
  open(stored: ShardPart | undefined): void;
  /** What is to be stored now. */
  part(): ShardPart;
  /** Note that what `part` gave last stands. */
  settle(): void;
  /** Forget what is not counted yet. */
  drop(): void;
}

export function createHourSketch(program: SketchProgram): HourSketch {
  const counter = createSketchCounter(program);
  /** What comes again if the batch fails. */
  let taken: HourRows[] = [];
  /** What does not, and waits for what is stored to be known. */
  let certain: HourRows[] = [];
  let isOpen = false;
  let stored: Sketch = emptySketch;
  let standing: Mark | undefined;
  /** Of the last row that is counted, here or in what is stored. */
  let mark: Mark | undefined;
  /** Counted here and not known to be stored: by the mark under which that was tried. */
  let unwritten: { readonly mark: Mark; readonly sketch: Sketch }[] = [];
  let attempted: Mark | undefined;
  let attempts = 0;

  return {
    get waiting() {
      return countIn(taken) + countIn(certain);
    },
    get isOpen() {
      return isOpen;
    },
    get isDirty() {
      return unwritten.length > 0 || counter.rows > 0;
    },
    get standing() {
      return standing;
    },
    take(rows) {
      taken.push(rows);
    },
    commit(before) {
      certain.push(...taken.flatMap((each) => rowsBefore(before, each)));
      taken = [];
      if (isOpen) countCertain();
    },
    open(part) {
      stored = part === undefined ? emptySketch : decodeSketch(part.body);
      standing = part?.mark;
      if (standing !== undefined && standing > (mark ?? "")) mark = standing;
      // A write that seemed to have failed stands after all.
      unwritten = unwritten.slice(unwritten.findIndex((each) => each.mark === standing) + 1);
      isOpen = true;
      countCertain();
    },
    part() {
      attempts++;
      attempted = standing === undefined || mark! > standing ? mark! : later(standing, attempts);
      if (counter.rows > 0) unwritten.push({ mark: attempted, sketch: counter.take() });
      return { mark: attempted, body: encodeSketch(total()) };
    },
    settle() {
      standing = attempted!;
      if (standing > mark!) mark = standing;
      stored = total();
      unwritten = [];
      attempts = 0;
    },
    drop() {
      taken = [];
      certain = [];
    },
  };

  function total(): Sketch {
    return mergeSketches([stored, ...unwritten.map(({ sketch }) => sketch)]);
  }

  function countCertain(): void {
    for (const { rows, rowMs, order, marks } of certain) {
      const from = mark === undefined ? 0 : firstBeyond(mark, order, marks);
      if (from === order.length) continue;
      counter.add(rows, order.subarray(from), rowMs);
      mark = marks.at(order.at(-1)!)!;
    }
    certain = [];
  }
}

/** The rows that stand before a mark. */
function rowsBefore(before: Mark | undefined, taken: HourRows): HourRows[] {
  const { order, marks } = taken;
  const end = before === undefined ? order.length : firstFrom(before, order, marks);
  return end === 0 ? [] : [{ ...taken, order: order.subarray(0, end) }];
}

/** Where in `order` the rows begin that a mark does not cover. */
function firstBeyond(mark: Mark, order: Int32Array, marks: RowMarks): number {
  // Most often all of them: then no further marks are made.
  if (marks.at(order[0]!)! > mark) return 0;
  let at = firstFrom(mark, order, marks);
  if (at < order.length && marks.at(order[at]!) === mark) at++;
  return at;
}

/** Where in `order` the rows begin whose marks are not below `mark`. */
function firstFrom(mark: Mark, order: Int32Array, marks: RowMarks): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (marks.at(order[middle]!)! < mark) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A mark that covers the same rows as one that stands, and is not equal to it: the condition of every write must tell them apart. */
function later(standing: Mark, by: number): Mark {
  const [covered, version = "0"] = standing.split("+");
  return `${covered}+${Number(version) + by}`;
}

function countIn(waiting: readonly HourRows[]): number {
  return waiting.reduce((sum, { order }) => sum + order.length, 0);
}

import type { Example, LabelValue } from "../../functions/contract/example.ts";
import type { ExampleBatch, ExampleStore } from "../../functions/core/outcome/example-store.ts";
import type { RowSchema } from "../../functions/core/train/assemble/row-schema.ts";

/** An example as training needs it. */
export type LoggedExample = Pick<Example, "role" | "eventId" | "eventTime" | "digest" | "features" | "label">;

/** Rows of examples in the order in which their outcomes came. */
export interface ExampleRows {
  readonly count: number;
  /** [count, width of the schema]: features, label, weight. */
  readonly rows: Float32Array;
  /** Of the events, epoch milliseconds. */
  readonly timesMs: Float64Array;
  /** What was answered. */
  readonly scores: Float32Array;
}

/**
 * Examples in memory as rows of numbers, some 200 bytes each: half a million of them as the JSON that the bucket holds
 * would be most of a gigabyte.
 */
export interface ExampleLog extends ExampleStore {
  readonly count: number;
  /** Every example; the object and its features are used again for the next. */
  examples(): AsyncGenerator<LoggedExample>;
  /** Those of events from `fromMs` on and before `toMs`, part by part. */
  rowsBetween(fromMs: number, toMs: number): Generator<ExampleRows>;
  /** Drop parts in which nothing is of `timeMs` or later. */
  forget(timeMs: number): void;
}

interface Part extends ExampleRows {
  count: number;
  newestMs: number;
  readonly eventIds: string[];
  readonly digests: string[];
  readonly roles: Example["role"][];
}

const partRows = 8192;

/** @param output - name of the output that is scored. */
export function createExampleLog(schema: RowSchema, output: string): ExampleLog {
  let parts: Part[] = [];
  return {
    get count() {
      return parts.reduce((sum, { count }) => sum + count, 0);
    },
    async write({ examples }: ExampleBatch) {
      for (const each of examples) add(each);
    },
    examples,
    *rowsBetween(fromMs, toMs) {
      for (const part of parts) yield rowsWithin(part, { fromMs, toMs, width: schema.width });
    },
    forget(timeMs) {
      parts = parts.filter(({ newestMs }) => newestMs >= timeMs);
    },
  };

  function add(each: Example): void {
    let part = parts.at(-1);
    if (part === undefined || part.count === partRows) {
      part = emptyPart(schema.width);
      parts.push(part);
    }
    const at = part.count;
    const row = part.rows.subarray(at * schema.width, (at + 1) * schema.width);
    const score = each.outputs[output];
    if (!schema.write(each, row) || typeof score !== "number") return;
    const timeMs = Date.parse(each.eventTime);
    part.timesMs[at] = timeMs;
    part.scores[at] = score;
    part.newestMs = Math.max(part.newestMs, timeMs);
    part.eventIds.push(each.eventId);
    part.digests.push(each.digest);
    part.roles.push(each.role);
    part.count++;
  }

  async function* examples(): AsyncGenerator<LoggedExample> {
    const features: Record<string, number | number[]> = {};
    const classes = schema.label.classes;
    for (const { count, rows, timesMs, eventIds, digests, roles } of parts)
      for (let i = 0; i < count; i++) {
        let at = i * schema.width;
        for (const { name, width } of schema.features) {
          features[name] = width === 1 ? rows[at]! : [...rows.subarray(at, at + width)];
          at += width;
        }
        const label: LabelValue = classes === undefined ? rows[at]! : classes[rows[at]!]!;
        yield {
          ...{ features, label, eventId: eventIds[i]!, digest: digests[i]!, role: roles[i]! },
          eventTime: new Date(timesMs[i]!).toISOString(),
        };
      }
  }
}

function emptyPart(width: number): Part {
  return {
    ...{ count: 0, newestMs: Number.NEGATIVE_INFINITY, eventIds: [], digests: [], roles: [] },
    rows: new Float32Array(partRows * width),
    timesMs: new Float64Array(partRows),
    scores: new Float32Array(partRows),
  };
}

function rowsWithin(
  part: Part,
  { fromMs, toMs, width }: { readonly fromMs: number; readonly toMs: number; readonly width: number },
): ExampleRows {
  const wanted: number[] = [];
  for (let i = 0; i < part.count; i++)
    if (part.timesMs[i]! >= fromMs && part.timesMs[i]! < toMs) wanted.push(i);
  const rows = new Float32Array(wanted.length * width);
  wanted.forEach((i, at) => {
    rows.set(part.rows.subarray(i * width, (i + 1) * width), at * width);
  });
  return {
    ...{ count: wanted.length, rows },
    timesMs: Float64Array.from(wanted, (i) => part.timesMs[i]!),
    scores: Float32Array.from(wanted, (i) => part.scores[i]!),
  };
}

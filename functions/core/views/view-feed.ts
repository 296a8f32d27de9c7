import type { RateTest, View } from "../../contract/view.ts";
import type { FieldIndex } from "../decode/field-index.ts";
import { describeField, FieldKind, type Fields, scalarAt } from "../decode/fields.ts";
import type { Problem } from "../features/column.ts";
import { instantExpected, instantOf } from "../features/readings.ts";
import { maxValue } from "./tile.ts";

/** Reads what a view takes from an event that feeds it, beside the key. */
export interface FeedReader {
  /** The number that is aggregated; NaN where the view has none, or where the event is at fault. */
  value(fields: Fields): number;
  /** Whether the event passes the view's rate test; false where there is none. */
  hit(fields: Fields): boolean;
  /** Epoch milliseconds; `arrivalMs` where the view names no time; NaN where the event is at fault. */
  timeMs(fields: Fields, arrivalMs: number): number;
  isSound(fields: Fields): boolean;
  /** Every reason why the event is not sound. */
  explain(fields: Fields): Problem[];
}

export function compileFeed(name: string, view: View, index: FieldIndex): FeedReader {
  const valueField = view.value === undefined ? -1 : index.fieldOf(view.value);
  const timeField = view.time === undefined ? -1 : index.fieldOf(view.time);
  const rate = view.rate;
  const rateFrom = rate?.from ?? view.value;
  const rateField = rate === undefined || rateFrom === undefined ? -1 : index.fieldOf(rateFrom);
  const passes = rate === undefined ? undefined : testOf(rate);

  const checks: Check[] = [];
  if (valueField >= 0) checks.push({ what: "value", field: valueField, path: view.value!, ...number });
  if (rateField >= 0 && passes !== undefined) {
    const kind = rate?.is === undefined ? number : scalar;
    checks.push({ what: "rate", field: rateField, path: rateFrom!, ...kind });
  }
  if (timeField >= 0) checks.push({ what: "time", field: timeField, path: view.time!, ...instant });

  return {
    value: (fields) => (valueField < 0 ? Number.NaN : fields.numbers[valueField]!),
    hit: (fields) => passes?.(fields, rateField) ?? false,
    timeMs: (fields, arrivalMs) => (timeField < 0 ? arrivalMs : instantOf(fields, timeField)),
    isSound: (fields) => checks.every(({ holds, field }) => holds(fields, field)),
    explain: (fields) =>
      checks.filter(({ holds, field }) => !holds(fields, field)).map((each) => problemOf(fields, name, each)),
  };
}

interface Check {
  readonly what: string;
  readonly field: number;
  readonly path: string;
  readonly holds: (fields: Fields, field: number) => boolean;
  readonly expected: string;
}

const number: Pick<Check, "holds" | "expected"> = {
  holds: ({ kinds, numbers }, field) =>
    kinds[field] === FieldKind.number && Math.abs(numbers[field]!) <= maxValue,
  expected: `a number within ±${maxValue}`,
};

const scalar: Pick<Check, "holds" | "expected"> = {
  holds: (fields, field) => scalarAt(fields, field) !== undefined,
  expected: "a string, a number or a boolean",
};

const instant: Pick<Check, "holds" | "expected"> = {
  holds: (fields, field) => !Number.isNaN(instantOf(fields, field)),
  expected: instantExpected,
};

function testOf({ above, atLeast, below, atMost, is }: RateTest): (fields: Fields, field: number) => boolean {
  if (above !== undefined) return ({ numbers }, field) => numbers[field]! > above;
  if (atLeast !== undefined) return ({ numbers }, field) => numbers[field]! >= atLeast;
  if (below !== undefined) return ({ numbers }, field) => numbers[field]! < below;
  if (atMost !== undefined) return ({ numbers }, field) => numbers[field]! <= atMost;
  const allowed: readonly unknown[] = Array.isArray(is) ? is : [is];
  return (fields, field) => allowed.includes(scalarAt(fields, field));
}

function problemOf(fields: Fields, name: string, { what, field, path, expected }: Check): Problem {
  const kind = fields.kinds[field]!;
  const isNumber = kind === FieldKind.number && what !== "time";
  const code = kind <= FieldKind.null ? "input.missing" : isNumber ? "input.range" : "input.type";
  const got = describeField(fields, field);
  return {
    code,
    message: `view "${name}", ${what}: got ${got} at "${path}", expected ${expected}; fix the producer`,
  };
}

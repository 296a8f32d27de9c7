import { nextCron, parseCron } from "./cron-expression.ts";
import { instantOf } from "./time-zone.ts";

/** When a schedule runs, apart from where it begins and ends. */
export interface ScheduleExpression {
  /** The first time after `afterMs`; undefined when there is none left. */
  next(afterMs: number, origin: { readonly timeZone: string; readonly anchorMs: number }): number | undefined;
}

/**
 * Read `rate(5 minutes)`, `cron(0 3 * * ? *)` or `at(2026-01-31T03:00:00)`.
 *
 * A rate counts from the anchor, days being 24 hours; the others go by the clocks of the time zone.
 *
 * @throws {RangeError} saying what is wrong.
 * @see Amazon EventBridge Scheduler user guide, "Schedule types"
 */
export function parseSchedule(text: string): ScheduleExpression {
  const [, kind, inner = ""] = /^(rate|cron|at)\((.+)\)$/.exec(text) ?? [];
  if (kind === "rate") return parseRate(inner);
  if (kind === "at") return parseAt(inner);
  if (kind !== "cron") {
    throw new RangeError(
      `schedule: got "${text}", expected rate(5 minutes), cron(0 3 * * ? *) or at(2026-01-31T03:00:00)`,
    );
  }
  const cron = parseCron(inner);
  return { next: (afterMs, { timeZone }) => nextCron(cron, afterMs, timeZone) };
}

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function parseRate(text: string): ScheduleExpression {
  const [, count = "", unit = ""] = /^\s*([1-9]\d{0,5})\s+(minute|hour|day)s?\s*$/.exec(text) ?? [];
  const stepMs = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (!(stepMs > 0)) {
    throw new RangeError(`rate: got "${text}", expected a whole number from 1 and minutes, hours or days`);
  }
  return {
    next: (afterMs, { anchorMs }) =>
      afterMs < anchorMs ? anchorMs : anchorMs + (Math.floor((afterMs - anchorMs) / stepMs) + 1) * stepMs,
  };
}

function parseAt(text: string): ScheduleExpression {
  const wallMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(wallMs))
    throw new RangeError(`at: got "${text}", expected a time such as 2026-01-31T03:00:00`);
  return {
    next: (afterMs, { timeZone }) => {
      const instantMs = instantOf(wallMs, timeZone);
      return instantMs !== undefined && instantMs > afterMs ? instantMs : undefined;
    },
  };
}

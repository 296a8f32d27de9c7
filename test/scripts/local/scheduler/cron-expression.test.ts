import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextCron, parseCron } from "../../../../scripts/local/scheduler/cron-expression.ts";

const minuteMs = 60_000;
const next = (text: string, after: string, timeZone = "UTC") => {
  const nextMs = nextCron(parseCron(text), Date.parse(after), timeZone);
  return nextMs === undefined ? undefined : new Date(nextMs).toISOString().slice(0, 16);
};

describe("the next time of a cron expression", () => {
  it.each([
    ["0 10 * * ? *", "2026-01-01T10:00Z", "2026-01-02T10:00"],
    ["15 12 * * ? *", "2026-01-01T12:14:59Z", "2026-01-01T12:15"],
    // 2026-01-03 is a Saturday.
    ["0 18 ? * MON-FRI *", "2026-01-03T00:00Z", "2026-01-05T18:00"],
    ["0 8 1 * ? *", "2026-01-01T08:00Z", "2026-02-01T08:00"],
    ["0/15 * * * ? *", "2026-01-01T00:46Z", "2026-01-01T01:00"],
    ["5/20 8-17/3 ? * 2-6 *", "2026-01-02T08:45Z", "2026-01-02T11:05"],
    ["0 0 L * ? *", "2026-02-01T00:00Z", "2026-02-28T00:00"],
    ["0 0 LW * ? *", "2026-05-01T00:00Z", "2026-05-29T00:00"],
    // The 15th of August 2026 is a Saturday, the 1st a Saturday too, the 31st of May a Sunday.
    ["0 0 15W 8 ? 2026", "2026-01-01T00:00Z", "2026-08-14T00:00"],
    ["0 0 1W 8 ? 2026", "2026-01-01T00:00Z", "2026-08-03T00:00"],
    ["0 0 31W 5 ? 2026", "2026-01-01T00:00Z", "2026-05-29T00:00"],
    ["0 0 ? * 6L *", "2026-01-31T00:00Z", "2026-02-27T00:00"],
    ["0 0 ? * TUE#2 *", "2026-01-01T00:00Z", "2026-01-13T00:00"],
    ["0 0 ? * 3#5 *", "2026-01-01T00:00Z", "2026-03-31T00:00"],
    ["30 9 29 FEB ? *", "2026-01-01T00:00Z", "2028-02-29T09:30"],
    ["0 0 1 1 ? 2025", "2026-01-01T00:00Z", undefined],
    ["0 0 31 FEB ? *", "2026-01-01T00:00Z", undefined],
  ])("%s after %s is %s", (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  it("goes by the clocks of its time zone, in winter and in summer", () => {
    expect(next("0 9 * * ? *", "2026-01-10T00:00Z", "Europe/Berlin")).toBe("2026-01-10T08:00");
    expect(next("0 9 * * ? *", "2026-07-10T00:00Z", "Europe/Berlin")).toBe("2026-07-10T07:00");
    expect(next("0 9 * * ? *", "2026-07-10T00:00Z", "Asia/Kolkata")).toBe("2026-07-10T03:30");
  });

  it("skips a time that the clocks skip, and counts once what they show twice", () => {
    // Clocks in New York go on at 2:00 on 8 March 2026 and back at 2:00 on 1 November 2026.
    expect(next("30 2 * * ? *", "2026-03-07T12:00Z", "America/New_York")).toBe("2026-03-09T06:30");
    expect(next("30 1 * * ? *", "2026-11-01T04:00Z", "America/New_York")).toBe("2026-11-01T05:30");
    expect(next("30 1 * * ? *", "2026-11-01T05:30Z", "America/New_York")).toBe("2026-11-02T06:30");
  });

  it("is the first minute that shows it, looked for minute by minute on that zone's clocks", () => {
    const zones = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"];
    const some = (high: number, low = 0) =>
      fc.uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 3 });
    // Around both changes of the clocks of 2026.
    const anyTime = fc.constantFrom(
      ...["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"],
    );
    fc.assert(
      fc.property(
        some(59),
        // Clocks change at night.
        fc.oneof(some(4), some(23)),
        fc.oneof(fc.constant(undefined), some(7, 1)),
        anyTime,
        fc.nat(2 * 1440),
        fc.constantFrom(...zones),
        (minutes, hours, weekdays, day, offset, timeZone) => {
          const text = `${minutes} ${hours} ${weekdays === undefined ? "* * ?" : `? * ${weekdays}`} *`;
          const afterMs = Date.parse(day) + offset * minuteMs;
          const found = nextCron(parseCron(text), afterMs, timeZone);
          const shown = clock(timeZone);
          const seen = new Set<string>();
          // From a day before, so that the second of two equal times is known as such.
          for (let ms = afterMs - 1440 * minuteMs; ms < afterMs + 9 * 1440 * minuteMs; ms += minuteMs) {
            const { date, hour, minute, weekday } = shown(ms);
            if (!minutes.includes(minute) || !hours.includes(hour)) continue;
            if (weekdays !== undefined && !weekdays.includes(weekday)) continue;
            const key = `${date} ${hour}:${minute}`;
            if (ms > afterMs && !seen.has(key)) {
              expect(found).toBe(ms);
              return;
            }
            seen.add(key);
          }
          throw new Error(`nothing shows ${text}`);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("a cron expression that is wrong", () => {
  it.each([
    ["* * * * *", "got 5 fields"],
    ["* * * * * *", "expected ? for one of them"],
    ["* * ? * ? *", "expected ? for one of them"],
    ["60 * * * ? *", 'got "60" for minutes, expected numbers from 0 to 59'],
    ["* 24 * * ? *", "for hours"],
    ["* * 0 * ? *", "for the day of the month"],
    ["* * * 13 ? *", "for month"],
    ["* * ? * 8 *", "for the day of the week"],
    ["* * ? * MON#6 *", "for the day of the week"],
    ["* * * * ? 1969", "for year"],
    ["5-1 * * * ? *", 'got "5-1"'],
    ["*/0 * * * ? *", 'got "*/0"'],
    ["1-2-3 * * * ? *", 'got "1-2-3"'],
    ["a * * * ? *", 'got "a"'],
  ])("%s is refused with the reason", (text, message) => {
    expect(() => parseCron(text)).toThrow(RangeError);
    expect(() => parseCron(text)).toThrow(message);
  });
});

/** What a clock of a zone shows; 1 is Sunday. */
function clock(timeZone: string) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    dateStyle: "short",
    timeStyle: "short",
  });
  return (ms: number) => {
    const [date = "", time = ""] = format.format(ms).split(", ");
    const [day = 0, month = 0, year = 0] = date.split("/").map(Number);
    const [hour = 0, minute = 0] = time.split(":").map(Number);
    return { date, hour, minute, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1 };
  };
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseInstant } from "../../../../functions/core/decode/instant.ts";

describe("parseInstant", () => {
  it("agrees with Date on every instant it can write", () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date("0000-01-01T00:00:00Z"),
          max: new Date("9999-12-31T23:59:59.999Z"),
          noInvalidDate: true,
        }),
        (date) => {
          expect(parseInstant(date.toISOString())).toBe(date.getTime());
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("agrees with Date on zones", () => {
    const two = (max: number) => fc.nat(max).map((each) => String(each).padStart(2, "0"));
    fc.assert(
      fc.property(fc.constantFrom("+", "-"), two(23), two(59), (sign, hour, minute) => {
        const text = `2001-01-31T06:44:00${sign}${hour}:${minute}`;
        expect(parseInstant(text)).toBe(Date.parse(text));
        expect(parseInstant(text.replace(/:(\d\d)$/, "$1"))).toBe(Date.parse(text));
      }),
    );
  });

  it.each([
    ["2001-01-31", Date.UTC(2001, 0, 31)],
    ["2001-01-31T06:44", Date.UTC(2001, 0, 31, 6, 44)],
    ["2001-01-31 06:44:10", Date.UTC(2001, 0, 31, 6, 44, 10)],
    ["2001-01-31T06:44:00", Date.UTC(2001, 0, 31, 6, 44)],
    ["2001-01-31T06:44:00.5Z", Date.UTC(2001, 0, 31, 6, 44, 0, 500)],
    ["2001-01-31T06:44:00.123999Z", Date.UTC(2001, 0, 31, 6, 44, 0, 123)],
    ["2001-01-31T06:44:00+01", Date.UTC(2001, 0, 31, 5, 44)],
    ["2000-02-29T00:00:00Z", Date.UTC(2000, 1, 29)],
    ["2016-12-31T23:59:60Z", Date.UTC(2016, 11, 31, 23, 59, 59)],
    [980923440, 980923440000],
    [980923440123, 980923440123],
    [0, 0],
  ])("reads %j", (value, ms) => {
    expect(parseInstant(value)).toBe(ms);
  });

  it.each([
    "",
    "yesterday",
    "2001-02-29",
    "2001-13-01",
    "2001-1-31",
    "2001-01-31T",
    "2001-01-31T24:00:00Z",
    "2001-01-31T06:44:00.Z",
    "2001-01-31T06:44:00Zulu",
    "2001-01-31T06:44:00+1",
    "2001-01-31X06:44",
    "1900-02-29",
    1e20,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])("refuses %j", (value) => {
    expect(parseInstant(value)).toBeNaN();
  });
});

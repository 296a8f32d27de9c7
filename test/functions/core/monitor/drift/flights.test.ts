import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { estimateAccuracy } from "../../../../../functions/core/monitor/drift/cbpe.ts";
import { profileOf } from "../../../../../functions/core/monitor/drift/drift-profile.ts";
import {
  causesOf,
  causeText,
  type DriftReport,
} from "../../../../../functions/core/monitor/drift/drift-report.ts";
import { falseWindowRate } from "../../../../../functions/core/monitor/drift/own-variation.ts";
import { parseReference } from "../../../../../functions/core/monitor/drift/parse-reference.ts";
import { histogramOf, keyOf, totalOf, valueOfKey } from "../../../../../functions/core/monitor/histogram.ts";
import type { Sketch } from "../../../../../functions/core/monitor/sketch.ts";
import {
  accuracyOf,
  totalAccuracy,
} from "../../../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import {
  changeFeature,
  decideDays,
  flightDelay,
  profileOfDays,
  readFlightDays,
  rekeyed,
} from "./flight-days.ts";

const days = readFlightDays();
const sketches = days.map(({ sketch }) => sketch);
/** 2001-01-02 to 2001-01-31: on the first day of the data the windows that features look back over are not full. */
const reference = sketches.slice(1, 31);
const later = sketches.slice(31);
const profile = profileOfDays(reference);
const daysPerMonth = 30;

describe("flights of February and March beside those of January", () => {
  const reports = decideDays(profile, later);
  const named = reports.flatMap((report, i) => {
    const causes = causesOf(report).map(causeText);
    return causes.length === 0 ? [] : [`${days[31 + i]!.day} ${causes.join(" ")}`];
  });

  it("raise no alarm in two months, fewer than the six tenths that are stated", () => {
    expect(raisedIn(reports)).toBe(0);
  });

  it("raise none beside the reference that the flagship is published with either", () => {
    const bytes = readFileSync(new URL("../../../../../models/flight-delay/reference.json", import.meta.url));
    const own = profileOf(parseReference(bytes), flightDelay);
    expect(own.windowCount).toBeGreaterThanOrEqual(30);
    expect(raisedIn(decideDays(own, later))).toBe(0);
  });

  it("drift on the day of a snow storm, in the airports that it closed", () => {
    // BOS, LGA and JFK had a sixth to a half of their flights: the nor'easter of 4 to 6 March 2001.
    expect(named).toContainEqual(expect.stringMatching(/^2001-03-05 .*\borigin\b/));
    expect(named.length).toBeLessThanOrEqual(2);
  });

  it("are compared in all features but the parts of a time", () => {
    const features = Object.keys(flightDelay.features);
    expect(reports[0]!.features.map(({ name }) => name).sort()).toEqual(
      features.filter((name) => name !== "hour" && name !== "weekday").sort(),
    );
    expect(reports[0]!.referenceWindows).toBe(30);
  });
});

describe("days in random order, of which any thirty are the reference", () => {
  // Weather lasts: days are shuffled in blocks, so that what follows on each other still does.
  it.each([1, 5])(
    "in blocks of %i raise fewer alarms than stated",
    (blockDays) => {
      const random = randomFrom(20_010_131 + blockDays);
      let [raised, windows] = [0, 0];
      for (let repeat = 0; repeat < 8; repeat++) {
        const order = shuffled(Math.floor((sketches.length - 1) / blockDays), random).flatMap((block) =>
          sketches.slice(1 + block * blockDays, 1 + (block + 1) * blockDays),
        );
        raised += raisedIn(decideDays(profileOfDays(order.slice(0, 30)), order.slice(30)));
        windows += order.length - 30;
      }
      const perMonth = (raised / windows) * daysPerMonth;
      expect(perMonth).toBeLessThanOrEqual(falseWindowRate * daysPerMonth);
    },
    60_000,
  );
});

describe("a shift that is put into real days", () => {
  /** Every tenth day of those that follow the reference begins one. */
  const begins = [0, 10, 20, 30, 40, 50];

  it.each<[string, string, (sketches: readonly Sketch[]) => readonly Sketch[]]>([
    [
      "kilometres for miles",
      "distance",
      (some) =>
        changeFeature(some, "distance", (miles) => rekeyed(miles, (key) => keyOf(valueOfKey(key) * 1.609))),
    ],
    [
      "an airport that is not on the list, with 3 % of the flights",
      "origin",
      (some) =>
        changeFeature(some, "origin", ({ keys, counts }) => {
          const unknown = airportCount;
          const newFlights = Math.round(0.03 * counts.reduce((sum, count) => sum + count, 0));
          return histogramOf([
            ...keys.flatMap((key, i): [number, number][] =>
              key === unknown ? [] : [[key, Math.round(counts[i]! * 0.97)]],
            ),
            [unknown, newFlights],
          ]);
        }),
    ],
    ["a distance that is stuck", "distance", (some) => stuck(some, "distance", 733)],
    [
      "a delay that is stuck where it usually is",
      "origin_mean_delay_24h",
      (some) => stuck(some, "origin_mean_delay_24h", 4),
    ],
    [
      "a rate that is stuck at its default",
      "incoming_late_rate_3h",
      (some) => stuck(some, "incoming_late_rate_3h", 0),
    ],
    [
      "scores that are 0.2 too high",
      "prediction (score)",
      (some) =>
        some.map((sketch) => ({
          ...sketch,
          scores: sketch.scores.map((scores) =>
            rekeyed(scores, (key) => keyOf(Math.min(1, valueOfKey(key) + 0.2))),
          ),
        })),
    ],
  ])("of %s is alarmed within two windows and names it", (_title, cause, change) => {
    for (const begin of begins) {
      const healthy = decideDays(profile, later.slice(Math.max(0, begin - 2), begin));
      expect(healthy.flatMap(({ alarmed }) => alarmed.map(causeText))).not.toContain(cause);
      const [, second] = decideDays(profile, change(later.slice(begin, begin + 2)));
      expect(second!.alarmed.map(causeText)).toContain(cause);
    }
  });

  it("is cleared once it is mended", () => {
    const shifted = changeFeature(later.slice(0, 4), "distance", (miles) =>
      rekeyed(miles, (key) => keyOf(valueOfKey(key) * 1.609)),
    );
    const reports = decideDays(profile, [...shifted, ...later.slice(4, 9)]);
    const alarmed = reports.map((report) => report.alarmed.map(causeText).includes("distance"));
    // Raised when the second of three drifted, cleared when fewer than two of the last three had.
    expect(alarmed).toEqual([false, true, true, true, true, false, false, false, false]);
  });
});

describe("accuracy that is estimated without outcomes", () => {
  it("is near to what came true on days that the model had not seen", () => {
    const errors = days.slice(31).map(({ sketch, accuracy }, i) => {
      const before = totalAccuracy(days.slice(17 + i, 31 + i).map((day) => day.accuracy))!;
      const figures = accuracyOf(accuracy);
      if (before.kind !== "binary" || figures.kind !== "binary") throw new Error("flights are late or not");
      const estimated = estimateAccuracy("binary", sketch.scores, before.calibration)!;
      return {
        brier: Math.abs(estimated.brier - figures.brier!),
        logLoss: Math.abs(estimated.logLoss - figures.logLoss!),
        auc: Math.abs(estimated.auc! - figures.auc!),
      };
    });
    const mean = (of: "brier" | "logLoss" | "auc") =>
      errors.reduce((sum, error) => sum + error[of], 0) / errors.length;
    // The measured ones lie between 0.067 and 0.193, 0.25 and 0.57, 0.68 and 0.81.
    expect(mean("brier")).toBeLessThan(0.01);
    expect(mean("logLoss")).toBeLessThan(0.03);
    expect(mean("auc")).toBeLessThan(0.03);
  });
});

const { origin } = flightDelay.features;
const airportCount =
  "from" in origin! && typeof origin.as === "object" && "index" in origin.as ? origin.as.index.length : 0;

function stuck(some: readonly Sketch[], name: string, value: number): Sketch[] {
  return changeFeature(some, name, (histogram) => histogramOf([[keyOf(value), totalOf(histogram)]]));
}

/** How often an alarm was raised where none stood. */
function raisedIn(reports: readonly DriftReport[]): number {
  return reports.filter(({ alarmed }, i) => alarmed.length > 0 && (reports[i - 1]?.alarmed.length ?? 0) === 0)
    .length;
}

/** A linear congruential generator (Numerical Recipes): the same days in the same order on every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

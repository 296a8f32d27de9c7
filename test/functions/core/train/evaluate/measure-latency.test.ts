import { describe, expect, it } from "vitest";
import { measureLatency } from "../../../../../functions/core/train/evaluate/measure-latency.ts";

/** Runs that take as long as they are told, by a clock of their own. */
function runsOf(costs: Record<"champion" | "challenger", (pass: number) => number>) {
  const order: string[] = [];
  let clockMs = 0;
  const runOf = (name: "champion" | "challenger") => {
    let pass = 0;
    return async () => {
      order.push(name);
      clockMs += costs[name](pass++);
    };
  };
  return {
    order,
    runs: { champion: runOf("champion"), challenger: runOf("challenger") },
    nowMs: () => clockMs,
  };
}

describe("measureLatency", () => {
  it("gives the median of each, whatever strikes now and then", async () => {
    const spike = (usual: number, every: number) => (pass: number) => (pass % every === 0 ? 1000 : usual);
    const { runs, nowMs } = runsOf({ champion: spike(2, 5), challenger: spike(3, 4) });
    expect(await measureLatency(runs, nowMs)).toEqual({ championUs: 2000, challengerUs: 3000 });
  });

  it("is no less fair to who is first: first runs do not count, and turns are taken", async () => {
    const { runs, nowMs, order } = runsOf({
      champion: (pass) => (pass < 2 ? 500 : 1),
      challenger: (pass) => (pass < 1 ? 900 : 1),
    });
    expect(await measureLatency(runs, nowMs)).toEqual({ championUs: 1000, challengerUs: 1000 });
    const measured = order.slice(4);
    expect(measured.slice(0, 4)).toEqual(["champion", "challenger", "challenger", "champion"]);
    for (const name of ["champion", "challenger"])
      expect(measured.filter((each) => each === name)).toHaveLength(measured.length / 2);
    const firsts = measured.filter((name, i) => i % 2 === 0 && name === "champion").length;
    expect(Math.abs(firsts - measured.length / 4)).toBeLessThanOrEqual(1);
  });

  it("goes slow drift of the machine one better: it strikes both alike", async () => {
    let ran = 0;
    const slower = (usual: number) => () => usual * (1 + ran++ / 1000);
    const { runs, nowMs } = runsOf({ champion: slower(1), challenger: slower(2) });
    const { championUs, challengerUs } = await measureLatency(runs, nowMs);
    expect(challengerUs / championUs).toBeCloseTo(2, 2);
  });

  it.each([
    ["many times where runs are short", 0.001, 201],
    ["for half a second where that is enough", 10, 25],
    ["fifteen times at least", 100, 15],
    ["three times where each takes long", 20_000, 3],
  ])("runs each %s", async (_, eachMs, passes) => {
    const { runs, nowMs, order } = runsOf({ champion: () => eachMs, challenger: () => eachMs });
    await measureLatency(runs, nowMs);
    expect(order).toHaveLength(2 * (passes + 2));
  });
});

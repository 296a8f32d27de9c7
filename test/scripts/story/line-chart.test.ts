import { expect, it } from "vitest";
import { escapeText, lineChart, ticksOf } from "../../../scripts/story/line-chart.ts";

it.each([
  [0.7, 0.78, [0.7, 0.72, 0.74, 0.76, 0.78]],
  [0.431, 0.449, [0.43, 0.435, 0.44, 0.445, 0.45]],
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
])("ticks of %d to %d are round and enclose them", (low, high, ticks) => {
  expect(ticksOf(low, high)).toEqual(ticks);
});

it("ticks of one value, or of none, are some", () => {
  expect(ticksOf(0.5, 0.5).length).toBeGreaterThan(1);
  expect(ticksOf(Infinity, -Infinity)).toEqual([0, 1]);
});

it("puts points where time and value say, the higher the further up", () => {
  const svg = lineChart({
    ...{ title: "a < b", unit: "AUC", fromMs: 0, toMs: 10, markers: [] },
    series: [
      {
        name: "one",
        style: "one",
        points: [
          [0, 0],
          [5, 0.5],
          [10, 1],
        ],
      },
    ],
  });
  const [, points] = /points="([^"]+)"/.exec(svg)!;
  const [[x0, y0], [x1, y1], [x2, y2]] = points!.split(" ").map((each) => each.split(",").map(Number)) as [
    [number, number],
    [number, number],
    [number, number],
  ];
  expect(x1 - x0).toBeCloseTo(x2 - x1, 0);
  expect(y0 - y1).toBeCloseTo(y1 - y2, 0);
  expect(y0).toBeGreaterThan(y2);
  expect(svg).toContain("a &#60; b");
});

it("leaves nothing in a text that is markup", () => {
  expect(escapeText(`<a b="c">&`)).toBe("&#60;a b=&#34;c&#34;&#62;&#38;");
});

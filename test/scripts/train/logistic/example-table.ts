import { seededRandom } from "../../../../scripts/onnx/random.ts";
import type { ExampleTable } from "../../../../scripts/train/example-table.ts";
import type { LogisticTerms } from "../../../../scripts/train/logistic/logistic-terms.ts";

export const terms: LogisticTerms = {
  numbers: ["wait", "miles"],
  categories: [
    [{ name: "hour", size: 3 }],
    [{ name: "port", size: 4 }],
    [
      { name: "hour", size: 3 },
      { name: "port", size: 4 },
    ],
  ],
};

/** Made rows whose label really depends on two numbers, two categories and their cross; one a minute from 2001 on. */
export function madeExamples(count: number, seed = 3): ExampleTable {
  const random = seededRandom(seed);
  const features = ["hour", "wait", "port", "unused", "miles"];
  const rows = Array.from({ length: count }, () => {
    const [hour, port] = [random.integer(3), random.integer(5) - 1];
    const [wait, miles] = [random.normal() * 4 + 10, 500 + 300 * random.normal()];
    const score =
      -1 +
      (wait - 10) / 4 +
      (miles - 500) / 600 +
      [0, 0.8, -0.5][hour]! +
      (port === 2 && hour === 1 ? 1.5 : 0);
    return {
      values: [hour, wait, port, random.normal(), miles],
      label: Number(random.uniform() < 1 / (1 + Math.exp(-score))),
    };
  });
  return {
    features,
    count,
    values: Float32Array.from(rows.flatMap(({ values }) => values)),
    labels: Uint8Array.from(rows, ({ label }) => label),
    timesMs: Float64Array.from(rows, (_, i) => Date.UTC(2001, 0, 1) + i * 60_000),
  };
}

import { describe, expect, it } from "vitest";
import {
  accuracyOf,
  addOutcome,
  decodeAccuracy,
  emptyAccuracy,
  encodeAccuracy,
  mergeAccuracy,
} from "../../../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import type { BinaryFigures } from "../../../../../functions/core/outcome/accuracy/binary-accuracy.ts";
import { auc } from "../../../../../scripts/summary/auc.ts";

interface Row {
  readonly score: number;
  readonly late: boolean;
}

/** A linear congruential generator: the same rows in every run. */
function createRandom(seed: number) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** Where scores clump, bins of equal width see nothing. */
const shapes: Readonly<Record<string, (random: ReturnType<typeof createRandom>) => Row>> = {
  "spread evenly": ({ uniform }) => {
    const score = uniform();
    return { score, late: uniform() < score };
  },
  "clumped in a ten-thousandth": ({ uniform }) => {
    const z = uniform();
    return { score: 0.1 + 1e-4 * z, late: uniform() < z };
  },
  "clumped, with one in ten spread evenly": ({ uniform }) => {
    const z = uniform();
    if (uniform() < 0.1) return { score: z, late: uniform() < z };
    return { score: 0.1 + 1e-4 * z, late: uniform() < z * 0.3 };
  },
  "in two clumps": ({ uniform, normal }) => {
    const late = uniform() < 0.3;
    const z = normal() + (late ? 1 : 0);
    return { score: (uniform() < 0.5 ? 0.3 : 0.7) + 1e-5 * z, late };
  },
  "of a logistic regression": ({ uniform, normal }) => {
    const late = uniform() < 0.2;
    return { score: logistic(normal() + (late ? 1 : 0) - 1.5), late };
  },
  "just below one": ({ uniform, normal }) => {
    const late = uniform() < 0.9;
    return { score: 1 - Math.exp(-10 - normal() - (late ? 1 : 0)), late };
  },
  "of forty leaves of a tree": ({ uniform }) => {
    const leaf = Math.floor(uniform() * 40);
    return { score: 0.1 + leaf * 0.013, late: uniform() < leaf / 50 };
  },
  "of a yes in fifty": ({ uniform, normal }) => {
    const late = uniform() < 0.02;
    return { score: logistic(2 * (normal() + (late ? 2 : 0)) - 7), late };
  },
  "that part the classes wholly": ({ uniform }) => {
    const late = uniform() < 0.5;
    return { score: 0.5 + (late ? 1e-3 : -1e-3) * uniform(), late };
  },
};

const outcomeOf = ({ score, late }: Row) =>
  ({ kind: "binary", score, label: late ? 1 : 0, threshold: 0.5 }) as const;

/** As a shard writes it: read, added to and written again with every batch. */
function writeInBatches(rows: readonly Row[], batchSize: number): Uint8Array {
  let stored = encodeAccuracy(emptyAccuracy(outcomeOf(rows[0]!)));
  for (let from = 0; from < rows.length; from += batchSize) {
    const partial = decodeAccuracy(stored);
    for (const row of rows.slice(from, from + batchSize)) addOutcome(partial, outcomeOf(row));
    stored = encodeAccuracy(partial);
  }
  return stored;
}

function aucOf(parts: readonly Uint8Array[]): number {
  const [merged, ...rest] = parts.map(decodeAccuracy);
  for (const each of rest) mergeAccuracy(merged!, each);
  return (accuracyOf(merged!) as BinaryFigures).auc!;
}

describe.each(Object.entries(shapes))("the AUC of scores %s", (_, draw) => {
  const random = createRandom(7);
  const rows = Array.from({ length: 20_000 }, () => {
    const { score, late } = draw(random);
    return { score: Math.fround(score), late };
  });
  const exact = auc(rows)!;

  it("is within 0.002 of the exact one after hundreds of rewrites, each of at most 2.2 kB", () => {
    const stored = writeInBatches(rows, 60);
    expect(Math.abs(aucOf([stored]) - exact)).toBeLessThan(0.002);
    expect(stored.byteLength).toBeLessThan(2_200);
  });

  it("is so over four shards and six hours, merged in either order", () => {
    const parts = Array.from({ length: 24 }, (_, part) =>
      writeInBatches(
        rows.filter((_, i) => i % 24 === part),
        60,
      ),
    );
    expect(Math.abs(aucOf(parts) - exact)).toBeLessThan(0.002);
    expect(Math.abs(aucOf(parts.toReversed()) - exact)).toBeLessThan(0.002);
  });
});

describe("scores of any kind of number", () => {
  it("keep their order below zero, across it and without bound", () => {
    const scores = [-1e38, -2, -1, -1e-40, 0, 1e-40, 1, 2, 1e38];
    const rows = scores.map((score, i) => ({ score, late: i >= 4 }));
    expect(aucOf([writeInBatches(rows, 2)])).toBe(1);
  });

  it("take minus zero for zero", () => {
    expect(
      aucOf([
        writeInBatches(
          [
            { score: -0, late: true },
            { score: 0, late: false },
          ],
          1,
        ),
      ]),
    ).toBe(0.5);
  });
});

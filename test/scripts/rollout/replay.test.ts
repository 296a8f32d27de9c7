import { beforeAll, describe, expect, it } from "vitest";
import type { Example } from "../../../functions/contract/example.ts";
import type { Prediction } from "../../../functions/contract/prediction.ts";
import { interleavedEvents } from "../../../scripts/flights/interleaved-events.ts";
import { logisticModel } from "../../../scripts/onnx/example-models.ts";
import { packageOf } from "../../functions/stream/set-up.ts";
import { type PutEvent, runLive } from "../backfill/live-stage.ts";
import { createStage, declared } from "./memory-stage.ts";

const hourMs = 3_600_000;
const firstMs = Date.UTC(2001, 0, 31);
const declaration = {
  ...declared,
  features: {
    distance: { from: "distance", as: { scale: { min: 0, max: 6000 } } },
    recent: { view: "arrivals", agg: "rate", over: "3h", default: 0 },
  },
  views: {
    arrivals: {
      ...{ on: { type: "arrival" }, key: "origin", time: "arrives", tile: "5m", lateness: "10m" },
      ...{ value: "delay", rate: { above: 15 } },
    },
  },
  outcome: { ...declared.outcome, time: "arrives" },
  // The metrics are of every outcome, whatever is kept for training.
  examples: { sample: 0.01 },
};

type Live = Awaited<ReturnType<typeof runLive>>;
let one: Live;
let other: Live;

beforeAll(async () => {
  const events: PutEvent[] = [];
  for await (const { event, timeMs } of interleavedEvents({ fromMs: firstMs, limit: 6000 })) {
    events.push({ partitionKey: event.origin, data: event, arrivalMs: timeMs });
    if (events.length === 6000) break;
  }
  const run = (seed: number) =>
    runLive(
      packageOf(logisticModel({ featureCount: 2, seed }), { ...declaration, examples: { sample: 1 } }),
      events,
      {
        ...{ shardCount: 2, seed: 9 },
      },
    );
  [one, other] = [await run(1), await run(2)];
});

/** The archive of a live run, and two versions of which the first is champion. */
async function withArchive() {
  const stage = createStage();
  for (const [key, body] of one.data.objects) stage.data.objects.set(key, body);
  await stage.publish(declaration);
  return { ...stage, version: await stage.publish(declaration, 2) };
}

describe("npm run models -- replay", () => {
  it("says of a span what both versions would have said live, and how good each would have been", async () => {
    const { modelsJson, version, ledger, tiles, packages } = await withArchive();
    const stored = packages.objects.size;
    const span = { fromMs: firstMs + 3 * hourMs, toMs: firstMs + 9 * hourMs };
    const told = await modelsJson("replay", version, "--from", iso(span.fromMs), "--to", iso(span.toMs));
    const wanted = compareLive(span);
    expect(wanted.answers).toBeGreaterThan(1000);
    expect(wanted.outcomes).toBeGreaterThan(500);
    expect(told).toMatchObject({ answeredByBoth: wanted.answers, byChampionOnly: 0, byVersionOnly: 0 });
    expect(told.scores.count).toBe(wanted.answers);
    for (const name of ["mean", "meanSize", "greatest"] as const)
      expect(told.scores[name]).toBeCloseTo(wanted[name], 12);
    for (const side of ["champion", "version"] as const) {
      expect(told.accuracy[side].count).toBe(wanted.outcomes);
      expect(told.accuracy[side].brier).toBeCloseTo(wanted[side].brier, 12);
      expect(told.accuracy[side].logLoss).toBeCloseTo(wanted[side].logLoss, 12);
      // Read from fine histograms.
      expect(told.accuracy[side].auc).toBeCloseTo(wanted[side].auc, 2);
    }
    expect(await ledger.history("delays")).toHaveLength(2);
    expect(tiles.items.length).toBe(0);
    expect(packages.objects.size).toBe(stored);
  });

  it("lays it out as a table, to the end of the archive", async () => {
    const { models, version } = await withArchive();
    const lines = await models("replay", "delays", version.slice(0, 7), "--from", "2001-01-31");
    expect(lines[0]).toMatch(
      /^delays: \w{12} beside the champion \w{12}, events of 2001-01-31T00:00:00Z to the end$/,
    );
    expect(lines[1]).toMatch(
      /^ {2}events +[\d,]+ answered by both, 0 by the champion alone, 0 by the version alone$/,
    );
    expect(lines.find((line) => line.includes("champion  "))).toMatch(
      /[\d,]+ outcomes +champion +version +difference$/,
    );
    for (const heading of ["AUC", "log-loss", "Brier"])
      expect(lines.join("\n")).toMatch(
        new RegExp(`\n {2}${heading} +0\\.\\d{5} +0\\.\\d{5} +[+-]0\\.\\d{5}`),
      );
  });

  it("refuses the champion itself, a version that cannot be compared, and a span that is none", async () => {
    const { models, version, publish } = await withArchive();
    const stranger = await publish({ predictOn: { type: "arrival" } });
    const refused: readonly [args: string[], message: RegExp][] = [
      [["champion", "--from", "2001-01-31"], /which is the champion; name another version/],
      [[stranger, "--from", "2001-01-31"], /cannot be compared with the champion .*\n {2}predictOn: got/],
      [[version], /--from: got none/],
      [[version, "--from", "2001-01-31", "--to", "2001-01-31"], /--to: got a time not after --from/],
    ];
    for (const [args, message] of refused) await expect(models("replay", ...args)).rejects.toThrow(message);
  });
});

/** The same out of what two live runs stored, with sums of its own. */
function compareLive({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const isWithin = ({ eventTime }: Prediction) =>
    Date.parse(eventTime) >= fromMs && Date.parse(eventTime) < toMs;
  const scores = ({ store }: Live) =>
    new Map(
      store.rows
        .map(({ body }): Prediction => JSON.parse(body))
        .filter(isWithin)
        .map(({ eventId, outputs }) => [eventId, outputs.probability as number]),
    );
  const [ofOne, ofOther] = [scores(one), scores(other)];
  const differences = [...ofOne].map(([eventId, score]) => ofOther.get(eventId)! - score);
  const sizes = differences.map(Math.abs);
  const figures = ({ examples }: Live) => {
    const rows = (
      [...examples.objects].flatMap(([key, lines]) => (key.startsWith("examples/") ? lines : [])) as Example[]
    )
      .filter(isWithin)
      .map(({ outputs, label }) => ({ p: outputs.probability as number, y: Number(label) }));
    const [late, onTime] = [rows.filter(({ y }) => y === 1), rows.filter(({ y }) => y === 0)];
    const wins = late.flatMap((a) => onTime.map((b) => (a.p > b.p ? 1 : a.p === b.p ? 0.5 : 0)));
    return {
      count: rows.length,
      brier: meanOf(rows.map(({ p, y }) => (p - y) ** 2)),
      logLoss: -meanOf(rows.map(({ p, y }) => Math.log(y === 1 ? p : 1 - p))),
      auc: meanOf(wins),
    };
  };
  return {
    answers: ofOne.size,
    mean: meanOf(differences),
    meanSize: meanOf(sizes),
    greatest: Math.max(...sizes),
    champion: figures(one),
    version: figures(other),
    outcomes: figures(one).count,
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

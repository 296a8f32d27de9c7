import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { MemoryLogger } from "../../functions/adapters/memory/memory-logger.ts";
import { earlyOutcome, example } from "../../functions/contract/example.ts";
import {
  type AccuracyPartial,
  accuracyOf,
  mergeAccuracy,
} from "../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { readAccuracy } from "../../functions/core/outcome/accuracy-store.ts";
import type { EventFeatures } from "../../scripts/features/explain-features.ts";
import { type FlightEvent, interleavedEvents } from "../../scripts/flights/interleaved-events.ts";
import { throttled } from "../../scripts/local/faults.ts";
import { seededRandom } from "../../scripts/onnx/random.ts";
import { oracleFeatures, oracleViews } from "../functions/stream/streaming/flight-package.ts";
import { createWindowOracle } from "../functions/stream/streaming/window-oracle.ts";
import { putAll } from "./support/events.ts";
import { flightsPackage, flightsModelName as model } from "./support/flights-package.ts";
import { killFunctions } from "./support/function-processes.ts";
import { call } from "./support/http-call.ts";
import { sumOf } from "./support/metrics.ts";
import { npmRun } from "./support/npm-run.ts";
import { readLines } from "./support/objects.ts";
import { pairwiseAuc } from "./support/pairwise-auc.ts";
import { publish } from "./support/publish.ts";
import { readParked, readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { expectStoredOnce, type StoredPrediction, storedPredictions } from "./support/stored-predictions.ts";
import { readAgainFromTheStart } from "./support/stream-function.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const eventCount = 1_500;
/** Departures and arrivals between so few airports fill the windows. */
const hubs = new Set(["ORD", "ATL", "DFW", "LAX", "PHX", "DEN", "STL", "LAS", "DTW", "MSP"]);
const selection = { fromMs: Date.UTC(2001, 0, 31, 12), warmUpMs: 3_600_000, limit: Infinity };
const fromTheFuture = {
  type: "arrival",
  flight: "from the future",
  arrives: "2099-01-01T00:00:00Z",
  ...{ origin: "ORD", destination: "ATL", delay: 1_000 },
};

itNeeding(
  "ownModels",
  "faults",
  "processes",
  "metrics",
)(
  "windows, outcomes and accuracy are exact to the event though functions die, tables throttle and a clock is wrong",
  async () => {
    const flights = await readEvents();
    const { oracle, expected } = askOracle(flights);
    await using stage = await openStage({ models: { [model]: { eventSource: { batchSize: 100 } } } });
    await using folder = await flightsPackage();
    await publish(stage, folder.path);
    const trouble = makeTrouble(stage);
    const events: object[] = flights.map(({ event }) => event);
    events.splice(eventCount / 2, 0, fromTheFuture);
    // Of one partition key, and so of one shard.
    await putAll(
      stage,
      events.map((data) => ({ data, partitionKey: "flights" })),
    );
    await untilPredicted(stage, expected.size);
    expect(trouble.counts.throttled).toBeGreaterThan(20);
    expect(trouble.counts.killed).toBe(trouble.kills);
    stage.cloud.faults.clear();
    readAgainFromTheStart(stage, model);
    await waitUntil(stage, () =>
      sumOf(stage, model, "Redelivered") >= eventCount ? undefined : "a second reading",
    );
    await expectStoredOnce(stage, [...expected.keys()]);

    const stored = await storedPredictions(stage);
    expect(worstError(stored, expected)).toBeLessThan(1e-6);
    const rejects = (await readRejects(stage, model)).map(({ code, text }) => `${code} ${text}`);
    expect([...new Set(rejects)]).toEqual([`input.range ${JSON.stringify(fromTheFuture)}`]);
    expect(await readParked(stage)).toEqual([]);
    await expectJoinedOnce(stage, flights, stored);
    await expectAccuracy(stage);
    expectUnits(stage);

    const { timeMs } = flights.at(-1)!;
    const departure = {
      ...{ type: "departure", flight: "by hand", departs: new Date(timeMs).toISOString() },
      ...{ origin: "ORD", destination: "DEN", distance: 888 },
    };
    const asked = oracle.ask(departure, timeMs);
    expect(asked.filter((value, i) => value !== oracleFeatures[i]!.default).length).toBeGreaterThan(20);
    await expectSameOverHttps(stage, departure, asked);
    await expectExplained(stage, departure, asked);
  },
);

async function readEvents(): Promise<readonly FlightEvent[]> {
  const flights: FlightEvent[] = [];
  for await (const each of interleavedEvents(selection)) {
    const { origin, destination } = each.event;
    if (hubs.has(origin) && hubs.has(destination)) flights.push(each);
    if (flights.length === eventCount) break;
  }
  return flights;
}

/** What each departure is to see, by flight, and the oracle after all of it. */
function askOracle(flights: readonly FlightEvent[]) {
  const oracle = createWindowOracle(oracleViews, oracleFeatures);
  const expected = new Map<string, readonly number[]>();
  for (const { event, timeMs } of flights) {
    if (event.type === "departure") expected.set(event.flight, oracle.ask({ ...event }, timeMs));
    else oracle.feed({ ...event }, timeMs, event.delay);
  }
  return { oracle, expected };
}

/** Throttle 2 % of DynamoDB's calls, and kill the functions amid storing, amid emitting, and amid writing tiles. */
function makeTrouble(stage: Stage) {
  const random = seededRandom(1);
  const killAt: Readonly<Record<string, readonly number[]>> = {
    PutItem: [150],
    PutRecords: [4],
    UpdateItem: [60, 400],
  };
  const calls = new Map<string, number>();
  const counts = { throttled: 0, killed: 0 };
  stage.cloud.faults.set(async ({ service, operation }) => {
    const call = (calls.get(operation) ?? 0) + 1;
    calls.set(operation, call);
    if (killAt[operation]?.includes(call)) {
      counts.killed++;
      await killFunctions(stage.cloud.port);
    }
    if (service !== "dynamodb" || random.uniform() >= 0.02) return undefined;
    counts.throttled++;
    return throttled();
  });
  return { counts, kills: Object.values(killAt).flat().length };
}

async function untilPredicted(stage: Stage, count: number): Promise<void> {
  await waitUntil(stage, async () => {
    const { length } = await storedPredictions(stage);
    return length >= count ? undefined : `${count - length} of ${count} stored predictions`;
  });
  await untilIdle(stage);
}

/** Greatest error of a windowed feature, relative to its size; of less than one minute, in minutes. */
function worstError(
  stored: readonly StoredPrediction[],
  expected: ReadonlyMap<string, readonly number[]>,
): number {
  let worst = 0;
  for (const row of stored) {
    const got = featuresOf(row);
    // The first column is the distance.
    expected.get(row.prediction.eventId)!.forEach((want, i) => {
      worst = Math.max(worst, Math.abs(got[i + 1]! - want) / Math.max(1, Math.abs(want)));
    });
  }
  return worst;
}

function featuresOf({ item }: StoredPrediction): Float32Array {
  return new Float32Array(item.features!.B!.slice().buffer);
}

/** Every arrival whose departure was predicted is joined once, where each of the others is early. */
async function expectJoinedOnce(
  stage: Stage,
  flights: readonly FlightEvent[],
  stored: readonly StoredPrediction[],
): Promise<void> {
  const arrived = flights.flatMap(({ event }) => (event.type === "arrival" ? [event.flight] : []));
  const predicted = new Set(stored.map(({ prediction }) => prediction.eventId));
  const [due, early] = [
    arrived.filter((id) => predicted.has(id)),
    arrived.filter((id) => !predicted.has(id)),
  ];
  expect([due.length, early.length].every((count) => count > 100)).toBe(true);
  const joined = stored.filter(({ item }) => item.outcome !== undefined);
  expect(joined.map(({ prediction }) => prediction.eventId).toSorted()).toEqual(due.toSorted());
  const kept = (await readLines(stage, `early/${model}/`)).map((line) =>
    earlyOutcome.parse(JSON.parse(line)),
  );
  expect([...new Set(kept.map(({ eventId }) => eventId))].toSorted()).toEqual(early.toSorted());
  // A killed invocation takes its counts with it.
  expect(sumOf(stage, model, "OutcomesJoined")).toBeLessThanOrEqual(due.length);
  expect(sumOf(stage, model, "OutcomesConflicting")).toBe(0);
}

/** What is counted is what the examples amount to. */
async function expectAccuracy(stage: Stage): Promise<void> {
  const lines = (await readLines(stage, `examples/${model}/`)).map((line) => example.parse(JSON.parse(line)));
  const examples = [...new Map(lines.map((each) => [each.predictionId, each])).values()];
  const rows = examples.map(({ outputs, label }) => ({
    late: label === 1,
    score: outputs.probability as number,
  }));
  const meanOf = (loss: (score: number, late: boolean) => number) =>
    rows.reduce((sum, { score, late }) => sum + loss(score, late), 0) / rows.length;

  const figures = accuracyOf(await countedAccuracy(stage));
  if (figures.kind !== "binary") throw new Error(`got accuracy of kind ${figures.kind}`);
  expect([figures.count, figures.positives]).toEqual([rows.length, rows.filter(({ late }) => late).length]);
  expect(Math.abs(figures.auc! - pairwiseAuc(rows))).toBeLessThan(0.002);
  const logLoss = meanOf((score, late) => -Math.log(late ? score : 1 - score));
  expect(Math.abs(figures.logLoss! - logLoss)).toBeLessThan(1e-6);
  const brier = meanOf((score, late) => (score - Number(late)) ** 2);
  expect(Math.abs(figures.brier! - brier)).toBeLessThan(1e-6);
}

async function countedAccuracy(stage: Stage): Promise<AccuracyPartial> {
  const { SketchesTableName: table } = stage.outputs;
  const store = new DynamoShardStateStore({ client: stage.tables, table, logger: new MemoryLogger() });
  const all = await readAccuracy(store, model, {
    fromMs: selection.fromMs - 86_400_000,
    toMs: selection.fromMs + 86_400_000,
  });
  const [first, ...rest] = all.map(({ partial }) => partial);
  for (const each of rest) mergeAccuracy(first!, each);
  return first!;
}

/** What DynamoDB took for the state, per thousand events. */
function expectUnits(stage: Stage): void {
  const perThousand = (metric: string) => (sumOf(stage, model, metric) / eventCount) * 1_000;
  const [read, write] = [perThousand("StateReadUnits"), perThousand("StateWriteUnits")];
  console.log(`state units per thousand events: ${read.toFixed(0)} read, ${write.toFixed(0)} written`);
  // An item is read or written once for all events of a batch: less than one unit per view and event.
  const most = Object.keys(oracleViews).length * 1_000;
  for (const units of [read, write]) {
    expect(units).toBeGreaterThan(0);
    expect(units).toBeLessThan(most);
  }
}

async function expectSameOverHttps(
  stage: Stage,
  departure: { flight: string },
  asked: readonly number[],
): Promise<void> {
  const { status, text } = await call(stage, `/models/${model}/predict`, { body: { events: [departure] } });
  expect([status, status === 200 ? "" : text]).toEqual([200, ""]);
  const row = (await storedPredictions(stage)).find(
    ({ prediction }) => prediction.eventId === departure.flight,
  )!;
  expect(JSON.parse(text)).toEqual({ predictions: [row.prediction] });
  expect(worstError([row], new Map([[departure.flight, asked]]))).toBeLessThan(1e-6);
}

/** The command says of the same event what the model got, and where from. */
async function expectExplained(stage: Stage, departure: object, asked: readonly number[]): Promise<void> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "event.json");
  await writeFile(file, JSON.stringify(departure));
  const { status, stdout, stderr } = await npmRun(stage, "features", model, file, "--json");
  expect([status, stderr]).toEqual([0, ""]);
  const explained: EventFeatures = JSON.parse(stdout);
  expect(explained).toMatchObject({ model, eventId: "by hand", asks: true });
  expect(explained.features[0]).toMatchObject({ value: 888, source: { path: "distance", raw: 888 } });
  explained.features.slice(1).forEach(({ name, value, source }, i) => {
    const { view, agg, overMs, default: fallback } = oracleFeatures[i]!;
    const difference = Math.abs((value as number) - asked[i]!) / Math.max(1, Math.abs(asked[i]!));
    expect(difference, name).toBeLessThan(1e-6);
    expect(source, name).toMatchObject({ from: "view", view, agg });
    if (source.from !== "view") return;
    expect(Date.parse(source.ends) - Date.parse(source.begins), name).toBe(overMs);
    if (source.isDefault) expect(asked[i], name).toBe(fallback);
    else expect(source.tilesMerged, name).toBeGreaterThan(0);
  });
}

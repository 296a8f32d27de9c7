import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { type Example, example } from "../../functions/contract/example.ts";
import { type FlightEvent, interleavedEvents } from "../../scripts/flights/interleaved-events.ts";
import { logisticModel } from "../../scripts/onnx/example-models.ts";
import { oracleFeatures, oracleViews } from "../functions/stream/streaming/flight-package.ts";
import { createWindowOracle } from "../functions/stream/streaming/window-oracle.ts";
import { bytesOf, putAll } from "./support/events.ts";
import { flightsPackage, flightsModelName as model } from "./support/flights-package.ts";
import { npmRun } from "./support/npm-run.ts";
import { readLines } from "./support/objects.ts";
import { packageFiles } from "./support/package-folder.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";
import { untilIdle } from "./support/wait-until.ts";

const eventCount = 2500;

itNeeding("ownModels")(
  "a version with views that nobody kept is backfilled from the archive before it is champion, and then knows the past",
  async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await using plain = await packageFiles([
      ["model.json", bytesOf(withoutViews)],
      ["model.onnx", logisticModel({ featureCount: 1 })],
    ]);
    await publish(stage, plain.path);
    const flights = await firstFlights();
    await putAll(
      stage,
      flights.map(({ event }) => ({ data: event, partitionKey: event.origin })),
    );
    await untilIdle(stage);
    expect((await readLines(stage, "archive/")).length).toBe(eventCount);

    await using folder = await flightsPackage();
    await allowDisorder(folder.path);
    const { backfill } = await run(stage, "publish-model", folder.path, "--json");
    expect(backfill).toEqual({
      views: Object.keys(oracleViews),
      from: expect.stringMatching(/Z$/),
      command: `npm run backfill -- ${folder.path} --from ${backfill.from} --stage dev`,
    });
    // The longest window back from now, give or take the time that the test takes.
    expect(Date.now() - Date.parse(backfill.from)).toBeGreaterThan(24 * 3_600_000 - 1);
    expect(Date.now() - Date.parse(backfill.from)).toBeLessThan(25 * 3_600_000);

    const done = await run(stage, "backfill", folder.path, "--from", "2001-01-31", "--json");
    const joined = departuresThatLanded(flights);
    expect(done).toMatchObject({
      model,
      events: eventCount,
      passedOver: 0,
      rejected: 0,
      late: 0,
      examples: joined.length,
    });
    expect(done.tiles).toMatchObject({ standing: 0, left: 0 });
    expect(done.tiles.written).toBeGreaterThan(100);
    const made = (await readLines(stage, `examples/${model}/`))
      .map((line): Example => example.parse(JSON.parse(line)))
      .filter(({ role }) => role === "backfill");
    expect(made.map(({ eventId }) => eventId).toSorted()).toEqual(joined);
    expect(made.every(({ digest }) => digest === done.digest)).toBe(true);

    const { outcome } = await run(stage, "publish-model", folder.path, "--alias", "champion", "--json");
    expect(outcome).toBe("moved");
    await expectKnown(stage, flights);

    const again = await run(
      stage,
      "backfill",
      folder.path,
      "--from",
      "2001-01-31",
      "--no-examples",
      "--json",
    );
    expect(again.tiles).toEqual({ written: 0, standing: done.tiles.written, left: 0 });
    expect(again.examples).toBe(0);
  },
);

/** The same model's version of yesterday. */
const withoutViews = {
  name: model,
  event: { id: "flight", time: "departs", entity: "origin" },
  predictOn: { type: "departure" },
  features: { distance: { from: "distance" } },
  outputs: { probability: { from: "score", index: 0 } },
  outcome: {
    on: { type: "arrival" },
    id: "flight",
    time: "arrives",
    label: { from: "delay", above: 15 },
    within: "48h",
  },
};

/** Records of different keys, put at once, are hours apart in the events' time: none is to be too late. */
async function allowDisorder(folder: string): Promise<void> {
  const file = join(folder, "model.json");
  const declaration = JSON.parse(await readFile(file, "utf8"));
  for (const view of Object.values<{ lateness: string }>(declaration.views)) view.lateness = "1d";
  await writeFile(file, JSON.stringify(declaration));
}

async function firstFlights(): Promise<FlightEvent[]> {
  const flights: FlightEvent[] = [];
  for await (const each of interleavedEvents({ fromMs: Date.UTC(2001, 0, 31), limit: eventCount })) {
    flights.push(each);
    if (flights.length === eventCount) break;
  }
  return flights;
}

function departuresThatLanded(flights: readonly FlightEvent[]): string[] {
  return flights.flatMap(({ event }) => (event.type === "arrival" ? [event.flight] : [])).toSorted();
}

/** An event after all others gets what the oracle says, whichever shards its past came by. */
async function expectKnown(stage: Stage, flights: readonly FlightEvent[]): Promise<void> {
  const oracle = createWindowOracle(oracleViews, oracleFeatures);
  for (const { event, timeMs } of flights)
    if (event.type === "arrival") oracle.feed({ ...event }, timeMs, event.delay);
  const last = flights.findLast(({ event }) => event.type === "arrival")!;
  const { origin, destination } = last.event;
  const timeMs = flights.at(-1)!.timeMs + 1000;
  const asking = {
    ...{ type: "departure", flight: "next", departs: new Date(timeMs).toISOString() },
    ...{ origin, destination, distance: 1000 },
  };
  await using folder = await temporaryFolder();
  const file = join(folder.path, "event.json");
  await writeFile(file, JSON.stringify(asking));
  const { features } = await run(stage, "features", model, file, "--json");
  const values = new Map<string, number>(
    features.map(({ name, value }: { name: string; value: number }) => [name, value]),
  );
  const wanted = oracle.ask(asking, timeMs);
  for (const [i, { name }] of oracleFeatures.entries())
    expect(values.get(name), name).toBeCloseTo(wanted[i]!, 3);
  expect(wanted.filter((value) => value !== 0 && value !== -1).length).toBeGreaterThan(10);
}

async function run(stage: Stage, script: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = await npmRun(stage, script, ...args);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

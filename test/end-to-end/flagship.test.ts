import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { MemoryLogger } from "../../functions/adapters/memory/memory-logger.ts";
import { archivedEvent } from "../../functions/contract/archived-event.ts";
import { type Example, example } from "../../functions/contract/example.ts";
import { accuracyOf, totalAccuracy } from "../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { readAccuracy } from "../../functions/core/outcome/accuracy-store.ts";
import { maxAliasAgeMs } from "../../functions/core/rollout/champion.ts";
import { type FlightEvent, interleavedEvents } from "../../scripts/flights/interleaved-events.ts";
import { exampleFolder } from "../../scripts/models/write-package.ts";
import { createWindowOracle, type OracleFeature } from "../functions/stream/streaming/window-oracle.ts";
import { putAll } from "./support/events.ts";
import { readLines } from "./support/objects.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { openStage } from "./support/target.ts";
import { waitUntil } from "./support/wait-until.ts";

const model = "flight-delay";
const eventCount = 300;
const hubs = new Set(["ORD", "ATL", "DFW", "LAX", "PHX", "DEN"]);
const fromMs = Date.UTC(2001, 0, 31, 12);
const hourMs = 3_600_000;
const tileMs = 300_000;
/** Stands in the ids: a stage that other tests use too has other flights of these numbers. */
const suffix = "flagship";

const views = {
  origin: { keys: ["origin"], tileMs },
  destination: { keys: ["destination"], tileMs },
  route: { keys: ["origin", "destination"], tileMs },
};
/** The shares of late arrivals, which reach the model as they are. */
const rates: readonly OracleFeature[] = [1, 3, 24].flatMap((hours) =>
  [
    { name: "origin", view: "origin", keys: ["origin"] },
    { name: "destination", view: "destination", keys: ["destination"] },
    { name: "route", view: "route", keys: ["origin", "destination"] },
    { name: "incoming", view: "destination", keys: ["origin"] },
  ].map(({ name, ...of }) => ({
    ...{ ...of, name: `${name}_late_rate_${hours}h`, agg: "rate" as const },
    ...{ overMs: hours * hourMs, default: 0 },
  })),
);

it("flights are predicted on what has just landed, joined when they land, learned from, and archived", async () => {
  const flights = await readEvents();
  const oracle = createWindowOracle(views, rates);
  const expected = new Map<string, readonly number[]>();
  for (const { event, timeMs } of flights) {
    if (event.type === "departure") expected.set(idOf(event), oracle.ask({ ...event }, timeMs));
    else oracle.feed({ ...event }, timeMs, event.delay);
  }
  const due = flights.filter(({ event }) => event.type === "arrival" && expected.has(idOf(event)));
  expect(due.length).toBeGreaterThan(40);

  await using stage = await openStage();
  await publish(stage, fileURLToPath(exampleFolder(model)));
  // A stage that other tests use has another champion until the move is noticed, and that one skips arrivals.
  await sleep(2 * maxAliasAgeMs);
  // Of one partition key, and so of one shard and in one order.
  await putAll(
    stage,
    flights.map(({ event }) => ({ data: { ...event, flight: idOf(event) }, partitionKey: "flights" })),
  );
  const examples = await untilLines(stage, `examples/${model}/`, due.length, exampleOf);
  const archived = await untilLines(stage, "archive/", flights.length, (line) =>
    archivedDataOf(line).includes(suffix) ? line : undefined,
  );

  expect(archived).toHaveLength(flights.length);
  let used = 0;
  for (const { eventId, features } of examples) {
    rates.forEach(({ name }, i) => {
      const want = expected.get(eventId)![i]!;
      if (want > 0) used++;
      expect(features[name], `${name} of ${eventId}`).toBeCloseTo(want, 6);
    });
  }
  expect(used).toBeGreaterThan(50);
  await expectAccuracy(stage, examples);
});

async function readEvents(): Promise<readonly FlightEvent[]> {
  const flights: FlightEvent[] = [];
  for await (const each of interleavedEvents({ fromMs, warmUpMs: hourMs, limit: Infinity })) {
    if (hubs.has(each.event.origin) && hubs.has(each.event.destination)) flights.push(each);
    if (flights.length === eventCount) break;
  }
  return flights;
}

function idOf({ flight }: { readonly flight: string }): string {
  return `${flight}-${suffix}`;
}

function archivedDataOf(line: string): string {
  const event = archivedEvent.parse(JSON.parse(line));
  return "data" in event ? event.data : "";
}

function exampleOf(line: string): Example | undefined {
  const parsed = example.parse(JSON.parse(line));
  return parsed.eventId.endsWith(suffix) ? parsed : undefined;
}

/** Wait for so many lines of this test, each counted once: a redelivered batch writes some again. */
async function untilLines<Line>(
  stage: Stage,
  prefix: string,
  count: number,
  take: (line: string) => Line | undefined,
): Promise<readonly Line[]> {
  let found = new Map<string, Line>();
  await waitUntil(
    stage,
    async () => {
      found = new Map(
        (await readLines(stage, prefix)).flatMap((line) => {
          const taken = take(line);
          return taken === undefined ? [] : [[line, taken]];
        }),
      );
      return found.size >= count ? undefined : `${count - found.size} of ${count} lines under ${prefix}`;
    },
    90_000,
  );
  return [...found.values()];
}

async function expectAccuracy(stage: Stage, examples: readonly Example[]): Promise<void> {
  const { SketchesTableName: table } = stage.outputs;
  const store = new DynamoShardStateStore({ client: stage.tables, table, logger: new MemoryLogger() });
  const stored = await readAccuracy(store, model, {
    fromMs: fromMs - 24 * hourMs,
    toMs: fromMs + 48 * hourMs,
  });
  const figures = accuracyOf(totalAccuracy(stored.map(({ partial }) => partial))!);
  const losses = examples.map(({ outputs, label }) => {
    const probability = outputs.probability as number;
    return -Math.log(label === 1 ? probability : 1 - probability);
  });
  expect(figures).toMatchObject({ kind: "binary", count: examples.length });
  expect((figures as { logLoss: number }).logLoss).toBeCloseTo(
    losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    6,
  );
}

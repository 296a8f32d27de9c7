import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type Example, example } from "../../functions/contract/example.ts";
import { maxAliasAgeMs } from "../../functions/core/rollout/champion.ts";
import { openPackage } from "../../scripts/backfill/open-package.ts";
import { placeEvents, type UnplacedEvent } from "../../scripts/backfill/place-events.ts";
import { interleavedEvents, longestFlightMs } from "../../scripts/flights/interleaved-events.ts";
import { exampleFolder } from "../../scripts/models/write-package.ts";
import { createEventQueue } from "../../scripts/story/event-queue.ts";
import { publishFirst } from "../../scripts/story/publish-first.ts";
import { serveUntil } from "../../scripts/story/serve-until.ts";
import { createStoryClock } from "../../scripts/story/story-clock.ts";
import { createStoryStage } from "../../scripts/story/story-stage.ts";
import { putAll } from "./support/events.ts";
import { readLines } from "./support/objects.ts";
import { publish } from "./support/publish.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { waitUntil } from "./support/wait-until.ts";

const model = "flight-delay";
const folder = fileURLToPath(exampleFolder(model));
const eventCount = 300;
const hubs = new Set(["ORD", "ATL", "DFW", "LAX", "PHX", "DEN"]);
const fromMs = Date.UTC(2001, 0, 30, 12);
const hourMs = 3_600_000;
/** Stands in the ids: a stage that other tests use too has other flights of these numbers. */
const suffix = "story";

// On a stage of its own: what others have put on the same shards is newer, and would make these arrivals late.
itNeeding("ownModels")(
  "the story's stage in memory serves what a stage serves over the wire, bit for bit",
  async () => {
    const events = await readEvents();
    const inMemory = await serveInMemory(events);
    expect(inMemory.size).toBeGreaterThan(40);

    await using stage = await openStage();
    await publish(stage, folder);
    // A stage that other tests use has another champion until the move is noticed, and that one skips arrivals.
    await sleep(2 * maxAliasAgeMs);
    // Of one partition key, and so of one shard and in one order.
    await putAll(
      stage,
      events.map(({ data }) => ({ data: JSON.parse(String(data)) as object, partitionKey: "flights" })),
    );
    const onTheWire = new Map<string, Example>();
    await waitUntil(
      stage,
      async () => {
        for (const line of await readLines(stage, `examples/${model}/`)) {
          const each = example.parse(JSON.parse(line));
          if (each.eventId.endsWith(suffix)) onTheWire.set(each.eventId, each);
        }
        const missing = inMemory.size - onTheWire.size;
        return missing > 0 ? `${missing} of ${inMemory.size} examples` : undefined;
      },
      90_000,
    );
    expect(onTheWire.size).toBe(inMemory.size);
    for (const [eventId, { digest, eventTime, features, label, score }] of inMemory) {
      const wire = onTheWire.get(eventId)!;
      expect({ ...wire, score: Math.fround(wire.outputs.probability as number) }, eventId).toMatchObject({
        ...{ digest, eventTime, label, score },
        features,
      });
    }
  },
);

async function readEvents(): Promise<readonly UnplacedEvent[]> {
  const events: UnplacedEvent[] = [];
  for await (const { event, timeMs } of interleavedEvents({ fromMs, warmUpMs: hourMs, limit: Infinity })) {
    if (!hubs.has(event.origin) || !hubs.has(event.destination)) continue;
    const data = JSON.stringify({ ...event, flight: `${event.flight}-${suffix}` });
    events.push({ partitionKey: "flights", data, arrivedAtMs: timeMs });
    if (events.length === eventCount) break;
  }
  return events;
}

/** The examples by event, with what was answered. */
async function serveInMemory(events: readonly UnplacedEvent[]) {
  const { plan, model: first } = await openPackage(folder);
  const stage = createStoryStage(first, createStoryClock(fromMs - hourMs));
  await publishFirst(stage, plan.files);
  const endMs = events.at(-1)!.arrivedAtMs + longestFlightMs;
  await serveUntil(endMs, { stage, queue: createEventQueue(placeEvents(events)) });
  const scores = [...stage.examples.rowsBetween(0, endMs)].flatMap((part) => [...part.scores]);
  const byEvent = new Map<
    string,
    Pick<Example, "digest" | "eventTime" | "features" | "label"> & { score: number }
  >();
  for await (const { eventId, digest, eventTime, features, label } of stage.examples.examples())
    byEvent.set(eventId, {
      ...{ digest, eventTime, label, score: scores[byEvent.size]! },
      features: { ...features },
    });
  await first.session.release();
  return byEvent;
}

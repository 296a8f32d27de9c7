import { describe, expect } from "vitest";
import { putAll } from "./support/events.ts";
import { sumOf } from "./support/metrics.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { emitted, predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { expectStoredOnce, storedPredictions } from "./support/stored-predictions.ts";
import { batchOf, deliver, readAgainFromTheStart } from "./support/stream-function.ts";
import { openStream } from "./support/stream-records.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { waitUntil } from "./support/wait-until.ts";

const table = [0.125, 0.25, 0.5, 0.75];
const eventCount = 400;
const events = Array.from({ length: eventCount }, (_, i) => tableEvent(`event-${i}`, i % table.length));
const ids = events.map(({ id }) => id);
/** The first; three by hand; a second event source; and the same events put anew, which both event sources read. */
const deliveries = 7;
/** Records of one key stand on one shard. */
const partitionKey = "one shard";

describe("a model that keeps its predictions", () => {
  itNeeding("ownModels", "metrics")("stores each with its features, its outputs and its expiry", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await publishTable(stage, table);
    await putAll(
      stage,
      events.map((data) => ({ data, partitionKey: data.id })),
    );
    const emitted = await predictionsOf(stage, model, ids);
    await expectStoredOnce(stage, ids);
    for (const { item, prediction, body } of await storedPredictions(stage)) {
      const place = Number(prediction.eventId.slice("event-".length)) % table.length;
      expect(prediction.outputs).toEqual({ score: table[place] });
      expect(emitted.get(prediction.eventId)!.map((one) => one.body)).toEqual([body]);
      expect([...new Float32Array(item.features!.B!.slice().buffer)]).toEqual([place, 0]);
      const days = (Number(item.expiresAt!.N) - Date.now() / 1000) / 86_400;
      expect(days).toBeGreaterThan(29.9);
      expect(days).toBeLessThan(30.1);
    }
  });

  itNeeding("ownModels", "metrics")("has rows that make the whole run fail rejected alone", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await publishTable(stage, table);
    const bad = [57, 200, 201].map((i) => ({ ...tableEvent(`bad-${i}`, 99), i }));
    const batch: object[] = [...events];
    for (const { i, ...event } of bad) batch.splice(i, 0, event);
    await putAll(
      stage,
      batch.map((data) => ({ data, partitionKey })),
    );
    await predictionsOf(stage, model, ids);
    await expectStoredOnce(stage, ids);
    const rejects = await readRejects(stage, model);
    expect(rejects.map(({ code, text }) => [code, JSON.parse(text).id]).toSorted()).toEqual(
      bad.map(({ id }) => ["run.failed", id]).toSorted(),
    );
    const counts = ["Events", "Predictions", "Rejected"].map((metric) => sumOf(stage, model, metric));
    expect(counts).toEqual([eventCount + bad.length, eventCount, bad.length]);
  });

  itNeeding("ownModels", "faults")(
    "has one row for each, and emits what stands there, when a batch comes again, even after another version took over",
    async () => {
      await using stage = await openStage({ models: { [model]: {} } });
      await publishTable(stage, table);
      const stream = await openStream(stage.kinesis, stage.outputs.EventsStreamName);
      await putEvents(stage);
      await predictionsOf(stage, model, ids);
      const batch = batchOf(stage, await stream.read());
      expect(batch.Records).toHaveLength(eventCount);
      const probes = await changeChampion(stage);

      for (let time = 0; time < 3; time++) {
        expect(await deliver(stage, model, batch)).toEqual({ batchItemFailures: [] });
      }
      readAgainFromTheStart(stage, model);
      // A producer that got no answer puts its events again: the same facts in new records.
      await putEvents(stage);
      await waitUntil(stage, async () => {
        const count = (await emitted(stage)).filter(({ prediction }) => prediction.eventId === ids[0]).length;
        return count >= deliveries ? undefined : `${deliveries} predictions of ${ids[0]}, ${count} came`;
      });
      await expectStoredOnce(stage, [...ids, ...probes]);
    },
  );
});

async function putEvents(stage: Stage): Promise<void> {
  await putAll(
    stage,
    events.map((data) => ({ data, partitionKey })),
  );
}

async function publishTable(stage: Stage, scores: readonly number[]): Promise<string> {
  await using folder = await tablePackage(scores);
  return (await publish(stage, folder.path)).plan.digest;
}

/** Publish a version that answers otherwise, and see it answer. @returns ids of the events that asked it. */
async function changeChampion(stage: Stage): Promise<readonly string[]> {
  const digest = await publishTable(
    stage,
    table.map((score) => -score),
  );
  const probes: string[] = [];
  await waitUntil(stage, async () => {
    const id = `probe-${probes.length}`;
    probes.push(id);
    await putAll(stage, [{ data: tableEvent(id, 0), partitionKey }]);
    const got = await predictionsOf(stage, model, [id]);
    return got.get(id)![0]!.prediction.digest === digest ? undefined : "an answer of the new version";
  });
  return probes;
}

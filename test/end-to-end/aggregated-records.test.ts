import { expect } from "vitest";
import { aggregate, type UserRecord } from "../support/aggregate.ts";
import { putAll } from "./support/events.ts";
import { killFunctions } from "./support/function-processes.ts";
import { sumOf } from "./support/metrics.ts";
import { npmRun } from "./support/npm-run.ts";
import { tableModelName as model, tablePackage } from "./support/package-folder.ts";
import { emitted } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readParked, readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { storedPredictions } from "./support/stored-predictions.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

/** Each event asks for a place of its own, and gets a score that no other gets. */
const goodCount = 320;
const badCount = 8;
const perRecord = 10;
/** Where the bad event of a record stands. */
const badIndex = 4;
const scoreOf = (place: number) => place / 1024;

itNeeding(
  "ownModels",
  "faults",
  "processes",
  "metrics",
)(
  "every event of aggregated records is predicted once, though functions die over them and only their place names them; the bad ones are rejected alone and redriven",
  async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await putAll(stage, aggregatedRecords());
    await waitUntil(stage, () => (sumOf(stage, model, "ModelErrors") > 0 ? undefined : "a failed batch"));

    const calls = { PutItem: 0, PutRecords: 0 };
    stage.cloud.faults.set(async ({ operation }) => {
      // Once among the rows of a batch, and once when all of them are stored and about to be emitted.
      if (operation === "PutItem" && ++calls.PutItem === 60) await killFunctions(stage.cloud.port);
      if (operation === "PutRecords" && ++calls.PutRecords === 2) await killFunctions(stage.cloud.port);
      return undefined;
    });
    await publishPlaces(stage, goodCount);
    await untilStored(stage, goodCount);
    stage.cloud.faults.clear();
    await expectOneRowEach(stage, goodCount);
    expect(calls.PutItem).toBeGreaterThan(goodCount);
    expect((await emitted(stage)).length).toBeGreaterThan(goodCount);

    // A batch that comes again may name its rejects again, in another object.
    const rejects = new Map(
      (await readRejects(stage, model)).map((each) => [JSON.stringify(each.place), each]),
    );
    const bad = Array.from({ length: badCount }, (_, i) => event(goodCount + i));
    expect(
      [...rejects.values()].map(({ code, partitionKey, place, text }) => [
        code,
        partitionKey,
        place.subIndex,
        text,
      ]),
    ).toEqual(
      expect.arrayContaining(
        bad.map(({ partitionKey, data }) => ["run.failed", partitionKey, badIndex, data.toString()]),
      ),
    );
    expect(rejects.size).toBe(badCount);

    await publishPlaces(stage, goodCount + badCount);
    // A new process knows nothing of the champion before.
    await killFunctions(stage.cloud.port);
    expect(await redrive(stage)).toMatchObject({ redriven: badCount, before: 0, damaged: [] });
    await untilStored(stage, goodCount + badCount);
    await expectOneRowEach(stage, goodCount + badCount);
    expect(await redrive(stage)).toMatchObject({ redriven: 0, before: badCount, damaged: [] });
    expect(await readParked(stage)).toEqual([]);
  },
);

/** Records of ten good events each, spread over the shards; the first few have a bad one in their middle. */
function aggregatedRecords() {
  return Array.from({ length: goodCount / perRecord }, (_, i) => {
    const events = Array.from({ length: perRecord }, (_, at) => event(i * perRecord + at));
    if (i < badCount) events.splice(badIndex, 0, event(goodCount + i));
    return { data: aggregate(events), partitionKey: String(i) };
  });
}

function event(place: number): UserRecord {
  return {
    partitionKey: `event-${place}`,
    data: Buffer.from(JSON.stringify({ at: "2001-01-31T06:44:00Z", place })),
  };
}

/** A model for events without an id, which answers for places below `count`. */
async function publishPlaces(stage: Stage, count: number): Promise<void> {
  const scores = Array.from({ length: count }, (_, place) => scoreOf(place));
  await using folder = await tablePackage(scores, { event: { time: "at" } });
  await publish(stage, folder.path);
}

async function untilStored(stage: Stage, count: number): Promise<void> {
  await waitUntil(stage, async () => {
    const stored = (await storedPredictions(stage)).length;
    return stored >= count ? undefined : `${count - stored} of ${count} stored predictions`;
  });
  await untilIdle(stage);
}

/** The table has a row for each place, and what was emitted, however often, is what stands there. */
async function expectOneRowEach(stage: Stage, count: number): Promise<void> {
  const stored = await storedPredictions(stage);
  const scores = stored.map(({ prediction }) => Number(prediction.outputs.score));
  expect(scores.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => scoreOf(i)));
  const seen = new Set((await emitted(stage)).map(({ body }) => body));
  expect([...seen].toSorted()).toEqual(stored.map(({ body }) => body).toSorted());
}

async function redrive(stage: Stage): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await npmRun(stage, "redrive", "--json");
  if (status !== 0) throw new Error(`redrive ended with ${status}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}

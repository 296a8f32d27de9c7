import { DeleteTableCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { describe, expect } from "vitest";
import type { Prediction } from "../../functions/contract/prediction.ts";
import { type Fault, jsonFault, throttled } from "../../scripts/local/faults.ts";
import { putAll } from "./support/events.ts";
import { call } from "./support/http-call.ts";
import { sumOf } from "./support/metrics.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { type Emitted, predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { streamFunctionOf } from "./support/stream-function.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const itWithFaults = itNeeding("ownModels", "faults", "metrics");
const table = [0.125, 0.25, 0.5, 0.75];
const eventCount = 120;
/** Nothing is found in a function's own memory, so that whatever is found was found in the table. */
const cache = { shared: "always", memoryBytes: 0, ttl: "1h" };

describe("functions that share results", () => {
  itWithFaults("run a row once: the predict function finds what the stream function ran", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await publishTable(stage);
    await expectPredicted(stage, "first");
    const items = await cachedItems(stage);
    expect(items.map(({ outputs }) => outputs?.S).toSorted()).toEqual(
      table.map((score) => JSON.stringify({ score })).toSorted(),
    );
    for (const { key, expiresAt } of items) {
      expect(key?.S).toMatch(/^table-lookup#/);
      expect(Math.abs(Number(expiresAt?.N) - Date.now() / 1_000 - 3_600)).toBeLessThan(300);
    }
    const before = counts(stage);
    expect((await askHttps(stage, "https")).scores).toEqual(table);
    await waitUntil(stage, () => (counts(stage).hits > before.hits ? undefined : "hits"));
    expect(counts(stage)).toEqual({ ...before, hits: before.hits + table.length });
    expect(counts(stage)).toMatchObject({ errors: 0, mismatches: 0 });
  });

  itWithFaults("never answer with another version's results", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    const first = await publishTable(stage);
    await expectPredicted(stage, "old");
    const negated = table.map((score) => -score);
    const digest = await publishTable(stage, negated);
    await waitUntil(stage, async () =>
      (await askHttps(stage, "moved")).digest === digest ? undefined : "the new champion",
    );
    expect((await askHttps(stage, "https")).scores).toEqual(negated);
    // The stream function may answer with the champion of a second ago; what counts is that each answer is its version's own.
    const scores = { [first]: table, [digest]: negated };
    await expectPredicted(stage, "new", (prediction) => scores[prediction.digest]!);
    expect(await cachedItems(stage)).toHaveLength(2 * table.length);
    expect(counts(stage).mismatches).toBe(0);
  });

  for (const [how, fault] of [
    ["is throttled", throttled()],
    ["is down", jsonFault(500, "InternalServerError", "down (simulated)")],
    ["never answers", { kind: "hang" }],
    ["breaks connections off", { kind: "reset" }],
  ] as readonly (readonly [string, Fault])[]) {
    itWithFaults(`predict all the same when the cache ${how}`, async () => {
      await using stage = await openStage({ models: { [model]: {} } });
      await publishTable(stage);
      stage.cloud.faults.set(({ operation }) => (/^Batch.*Item$/.test(operation) ? fault : undefined));
      await expectPredicted(stage, "stream");
      expect((await askHttps(stage, "https")).scores).toEqual(table);
      await waitUntil(stage, () => (counts(stage).errors > 1 ? undefined : "errors of both functions"));
      expect(counts(stage)).toMatchObject({ hits: 0, mismatches: 0 });
    });
  }

  itWithFaults("predict all the same when the table is gone", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await publishTable(stage);
    await expectPredicted(stage, "before");
    await stage.dynamodb.send(new DeleteTableCommand({ TableName: cacheTable(stage) }));
    await expectPredicted(stage, "after");
    expect((await askHttps(stage, "https")).scores).toEqual(table);
    await waitUntil(stage, () => (counts(stage).errors > 0 ? undefined : "errors of the cache"));
  });
});

async function publishTable(stage: Stage, scores: readonly number[] = table): Promise<string> {
  await using folder = await tablePackage(scores, { cache, keep: false });
  return (await publish(stage, folder.path)).entry.aliases.champion!.digest;
}

/** Put events on both halves of the stream, and see that each is predicted, and rightly. */
async function expectPredicted(
  stage: Stage,
  name: string,
  scoresOf: (prediction: Prediction) => readonly number[] = () => table,
): Promise<void> {
  const events = Array.from({ length: eventCount }, (_, i) => tableEvent(`${name}-${i}`, i % table.length));
  await putAll(
    stage,
    events.map((data, i) => ({ data, partitionKey: String(i % 2) })),
  );
  const got = await predictionsOf(
    stage,
    model,
    events.map(({ id }) => id),
  );
  for (const { id, place } of events) {
    const [{ prediction }, ...others] = got.get(id)! as [Emitted];
    expect([prediction.outputs, others]).toEqual([{ score: scoresOf(prediction)[place] }, []]);
  }
  await untilIdle(stage);
  expect(await readRejects(stage, model)).toEqual([]);
}

/** Ask for every place of the table in one call of the predict function. */
async function askHttps(stage: Stage, name: string) {
  const events = table.map((_, place) => tableEvent(`${name}-${place}`, place));
  const { status, text } = await call(stage, `/models/${model}/predict`, { body: { events } });
  expect([status, text]).toEqual([200, expect.any(String)]);
  const predictions: readonly Answered[] = JSON.parse(text).predictions;
  return { digest: predictions[0]!.digest, scores: predictions.map(({ outputs }) => outputs.score) };
}

interface Answered {
  readonly digest: string;
  readonly outputs: { readonly score: number };
}

function counts(stage: Stage) {
  return {
    hits: sumOf(stage, model, "CacheHits"),
    misses: sumOf(stage, model, "CacheMisses"),
    errors: sumOf(stage, model, "CacheErrors"),
    mismatches: sumOf(stage, model, "CacheMismatch"),
  };
}

function cacheTable(stage: Stage): string {
  return streamFunctionOf(stage, model).environment.HEADRACE_CACHE_TABLE!;
}

async function cachedItems(stage: Stage) {
  const items = [];
  for await (const page of paginateScan({ client: stage.dynamodb }, { TableName: cacheTable(stage) })) {
    items.push(...(page.Items ?? []));
  }
  return items;
}

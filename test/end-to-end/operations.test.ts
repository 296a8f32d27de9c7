import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { treesFolder } from "../../scripts/models/flight-delay-trees.ts";
import { putAll } from "./support/events.ts";
import { npmRun } from "./support/npm-run.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { pairwiseAuc } from "./support/pairwise-auc.ts";
import { emitted, predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readParked, readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const eventCount = 16;
const partitionKey = "one shard";

describe("the commands against a running stage", () => {
  itNeeding("ownModels", "faults")(
    "npm run redrive puts parked records back, each once, after the model that they lacked is published",
    async () => {
      await using stage = await openStage({ models: { [model]: { eventSource: { retryAttempts: 1 } } } });
      const events = Array.from({ length: eventCount }, (_, i) => tableEvent(`event-${i}`, i % 4));
      await putAll(
        stage,
        events.map((data) => ({ data, partitionKey })),
      );
      await waitUntil(stage, async () => {
        const count = (await parkedTexts(stage)).length;
        return count >= eventCount ? undefined : `${eventCount - count} parked records`;
      });
      expect((await parkedTexts(stage)).toSorted()).toEqual(
        events.map((each) => JSON.stringify(each)).toSorted(),
      );
      expect(new Set((await readParked(stage)).map(({ condition }) => condition))).toEqual(
        new Set(["RetryAttemptsExhausted"]),
      );
      expect(await emitted(stage)).toEqual([]);

      await publishByCommand(stage, { table: [0.125, 0.25, 0.5, 0.75] });
      expect(await redriveByCommand(stage)).toMatchObject({ redriven: eventCount, before: 0, damaged: [] });
      await predictionsOf(
        stage,
        model,
        events.map(({ id }) => id),
      );
      expect(await redriveByCommand(stage)).toMatchObject({ redriven: 0, before: eventCount, damaged: [] });
      await untilIdle(stage);
      expect(await emitted(stage)).toHaveLength(eventCount);
    },
  );

  itNeeding("ownModels", "faults")(
    "npm run publish-model brings a version that takes what the last one rejected, and npm run redrive puts that back, each once",
    async () => {
      await using stage = await openStage({ models: { [model]: {} } });
      await publishByCommand(stage, { table: [0.125, 0.25, 0.5, 0.75], max: 5 });
      // Places 4 and 5 are outside of the table, 6 and 7 above the greatest allowed.
      const events = Array.from({ length: eventCount }, (_, i) => tableEvent(`event-${i}`, i % 8));
      await putAll(
        stage,
        events.map((data) => ({ data, partitionKey })),
      );
      const rejected = events.filter(({ place }) => place > 3);
      await waitUntil(stage, async () => {
        const count = (await readRejects(stage, model)).length;
        return count >= rejected.length ? undefined : `${rejected.length - count} rejects`;
      });
      const codes = (await readRejects(stage, model)).map(({ code, text }) => [JSON.parse(text).place, code]);
      expect(new Set(codes.map(([place, code]) => `${place} ${code}`))).toEqual(
        new Set(["4 run.failed", "5 run.failed", "6 input.range", "7 input.range"]),
      );

      const scores = [0.125, 0.25, 0.5, 0.75, 1, 2, 4, 8];
      const digest = await publishByCommand(stage, { table: scores, max: 7 });
      await untilChampion(stage, digest);
      expect(await redriveByCommand(stage)).toMatchObject({ redriven: rejected.length, before: 0 });
      const got = await predictionsOf(
        stage,
        model,
        events.map(({ id }) => id),
      );
      for (const { id, place } of rejected) {
        expect(got.get(id)!.map(({ prediction }) => prediction.outputs)).toEqual([{ score: scores[place] }]);
      }
      expect(await redriveByCommand(stage)).toMatchObject({ redriven: 0, before: rejected.length });
    },
  );

  it("npm run replay sends real flights, and its area under the curve is that of the predictions it writes down", async () => {
    await using stage = await openStage();
    await publish(stage, fileURLToPath(treesFolder));
    await using folder = await temporaryFolder();
    const out = join(folder.path, "replayed.jsonl");
    const { status, stdout, stderr } = await npmRun(
      stage,
      "replay",
      "--flights",
      "400",
      "--history",
      "0",
      "--json",
      "--out",
      out,
    );
    expect([status, stderr]).toEqual([0, ""]);
    const report = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    expect(report).toMatchObject({ flights: 400, events: 800, predictions: 400, missing: 0 });
    const rows = await readReplayed(out);
    expect(rows).toHaveLength(400);
    const scored = rows.map(({ late, probability }) => ({ late, score: probability }));
    expect(report.auc).toBeCloseTo(pairwiseAuc(scored), 5);
  });

  itNeeding("ownModels")(
    "npm run publish-model says all that is wrong with a package, and publishes nothing",
    async () => {
      await using stage = await openStage({ models: { [model]: {} } });
      await using folder = await tablePackage([0.125, 0.25], {
        features: { place: { from: "place", as: "bucketed" }, unused: { from: "un used" } },
      });
      const { status, stdout } = await npmRun(stage, "publish-model", folder.path, "--json");
      expect(status).toBe(1);
      const problems: readonly string[] = JSON.parse(stdout).problems;
      expect(problems.join("\n")).toMatch(/place[\s\S]*unused/);
      const { status: second, stderr } = await npmRun(stage, "publish-model", folder.path);
      expect(second).toBe(1);
      expect(stderr).toContain("nothing was published");
    },
  );
});

interface Replayed {
  readonly late: boolean;
  readonly probability: number;
}

async function readReplayed(file: string): Promise<readonly Replayed[]> {
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** @returns the digest of what was published and made champion. */
async function publishByCommand(
  stage: Stage,
  { table, max }: { readonly table: readonly number[]; readonly max?: number },
): Promise<string> {
  const features = { place: { from: "place", max }, unused: { from: "unused", default: 0 } };
  await using folder = await tablePackage(table, { features });
  const { status, stdout, stderr } = await npmRun(
    stage,
    "publish-model",
    folder.path,
    "--alias",
    "champion",
    "--json",
  );
  if (status !== 0) throw new Error(`publish-model ended with ${status}: ${stderr}${stdout}`);
  return JSON.parse(stdout).digest;
}

async function redriveByCommand(stage: Stage): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await npmRun(stage, "redrive", "--json");
  if (status !== 0) throw new Error(`redrive ended with ${status}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}

/** A function may answer with the champion of a second ago. */
async function untilChampion(stage: Stage, digest: string): Promise<void> {
  let count = 0;
  await waitUntil(stage, async () => {
    const id = `probe-${count++}`;
    await putAll(stage, [{ data: tableEvent(id, 0), partitionKey }]);
    const got = await predictionsOf(stage, model, [id]);
    return got.get(id)![0]!.prediction.digest === digest ? undefined : `an answer of version ${digest}`;
  });
}

async function parkedTexts(stage: Stage): Promise<readonly string[]> {
  return (await readParked(stage)).flatMap(({ event }) =>
    event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString("utf8")),
  );
}

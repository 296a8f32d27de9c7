import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { MemoryLogger } from "../../functions/adapters/memory/memory-logger.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { Reference } from "../../functions/contract/reference.ts";
import { causeText } from "../../functions/core/monitor/drift/drift-report.ts";
import { readDrift } from "../../functions/core/monitor/drift/drift-store.ts";
import { mergeSketches } from "../../functions/core/monitor/sketch.ts";
import { encodeSketch } from "../../functions/core/monitor/sketch-codec.ts";
import { readSketches } from "../../functions/core/monitor/sketch-store.ts";
import type { StatusReport } from "../../scripts/status/status-report.ts";
import { putAll } from "./support/events.ts";
import { npmRun } from "./support/npm-run.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle } from "./support/wait-until.ts";

const scores = [0.125, 0.25, 0.5, 0.75];
const perHour = 120;
const beginsMs = Date.UTC(2001, 0, 31);
const hourMs = 3_600_000;

const declared = {
  outcome: { on: { type: "truth" }, id: "id", label: { from: "truth", is: true }, within: "1d" },
  drift: { window: "1h", minSamples: perHour },
};

describe("a feature that shifts", () => {
  itNeeding("ownModels", "metrics")(
    "is alarmed after two windows of event time, and named in the log and in the status",
    async () => {
      await using stage = await openStage({ models: { [model]: {} }, archive: { enabled: false } });
      await publishWith(stage);
      await serveHours(stage, [0, 1], (i) => i % 4);
      const digest = await publishWith(stage, await referenceOf(stage));
      await serveHours(stage, [2, 3], (i) => i % 4);
      await serveHours(stage, [4, 5, 6], () => 3);

      const { functionName } = stage.cloud.lambda
        .listFunctions()
        .find((each) => /DriftWatcher/.test(each.functionName))!;
      const { functionError } = await stage.cloud.lambda.invoke(functionName, "{}");
      expect(functionError).toBeUndefined();
      const { sketches } = storesOf(stage);
      const reports = await readDrift(sketches, model, { fromMs: beginsMs, toMs: beginsMs + 9 * hourMs });
      expect(
        reports.map(({ from, rows, verdict, alarmed }) => [
          ...[from.slice(11, 13), rows, verdict, alarmed.map(causeText)],
        ]),
      ).toEqual([
        ["02", perHour, "compared", []],
        ["03", perHour, "compared", []],
        ["04", perHour, "compared", []],
        ["05", perHour, "compared", ["place", "prediction (score)"]],
      ]);
      expect(reports.every((each) => each.digest === digest)).toBe(true);
      const alarm = {
        namespace: "Headrace",
        metric: "DriftAlarm",
        dimensions: { Stage: "dev", Model: model },
      };
      expect(stage.cloud.metrics.percentile(alarm, 1)).toBe(1);
      expect(stage.cloud.lambda.logs(functionName).join("\n")).toMatch(
        /drift alarm raised.*"raised":\["place"/,
      );

      const { stdout, stderr } = await npmRun(stage, "status", "--json");
      expect(stderr).toBe("");
      const [told] = (JSON.parse(stdout) as StatusReport).models;
      expect(told!.drift).toMatchObject({
        alarmed: ["place", "prediction (score)"],
        features: [
          { name: "place", drifted: true },
          { name: "unused", drifted: false },
        ],
      });
      // Three quarters, each time: 3/4 · 1/16 + 1/4 · 9/16.
      expect(told!.drift!.windows.at(-1)!.estimated?.brier).toBeCloseTo(3 / 16, 12);
    },
  );
});

async function publishWith(stage: Stage, reference?: Reference): Promise<ModelDigest> {
  await using folder = await tablePackage(scores, declared);
  if (reference !== undefined)
    await writeFile(join(folder.path, "reference.json"), JSON.stringify(reference));
  const { digest } = (await publish(stage, folder.path)).plan;
  // A function believes what it read of the ledger for a second.
  await sleep(1_200);
  return digest;
}

/** Serve hours of events at places, and let them be counted: an environment writes at most every two seconds, with a batch. */
async function serveHours(
  stage: Stage,
  hours: readonly number[],
  placeOf: (i: number) => number,
): Promise<void> {
  const events = hours.flatMap((hour) =>
    Array.from({ length: perHour }, (_, i) => ({
      ...tableEvent(`${hour}-${i}`, placeOf(i)),
      at: new Date(beginsMs + hour * hourMs + (i * hourMs) / perHour).toISOString(),
    })),
  );
  await putAll(
    stage,
    events.map((data) => ({ data, partitionKey: "one" })),
  );
  await predictionsOf(
    stage,
    model,
    events.map(({ id }) => id),
  );
  await untilIdle(stage);
  await sleep(2_100);
  // It asks for nothing, and is no news to the clock.
  const last = new Date(beginsMs + hours.at(-1)! * hourMs).toISOString();
  await putAll(stage, [
    { data: { type: "truth", id: "nobody", truth: true, at: last }, partitionKey: "one" },
  ]);
  await untilIdle(stage);
}

async function referenceOf(stage: Stage): Promise<Reference> {
  const { sketches } = storesOf(stage);
  const span = { fromMs: beginsMs, toMs: beginsMs + 2 * hourMs - 1 };
  const sketch = mergeSketches((await readSketches(sketches, model, span)).map((each) => each.sketch));
  expect(sketch.rows).toBe(2 * perHour);
  const text = Buffer.from(encodeSketch(sketch)).toString("base64");
  const [from, to] = [span.fromMs, span.toMs].map((timeMs) => new Date(timeMs).toISOString()) as [
    string,
    string,
  ];
  return { version: 1, rows: sketch.rows, from, to, sketch: text, windows: [] };
}

function storesOf({ tables: client, outputs }: Stage) {
  const logger = new MemoryLogger();
  return { sketches: new DynamoShardStateStore({ client, table: outputs.SketchesTableName, logger }) };
}

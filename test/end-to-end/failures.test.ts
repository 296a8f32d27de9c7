import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { jsonFault, slowDown, throttled } from "../../scripts/local/faults.ts";
import { treesFolder } from "../../scripts/models/flight-delay-trees.ts";
import { putAll } from "./support/events.ts";
import { departure } from "./support/flight-events.ts";
import { killFunctions } from "./support/function-processes.ts";
import { sumOf } from "./support/metrics.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { emitted, predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readParked, readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { expectStoredOnce } from "./support/stored-predictions.ts";
import { pauseEventSource } from "./support/stream-function.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { waitUntil } from "./support/wait-until.ts";

const itWithFaults = itNeeding("ownModels", "faults", "metrics");
const itWithProcesses = itNeeding("ownModels", "faults", "processes", "metrics");
const table = [0.125, 0.25, 0.5, 0.75];
const eventCount = 120;
const events = Array.from({ length: eventCount }, (_, i) => tableEvent(`event-${i}`, i % table.length));
const ids = events.map(({ id }) => id);

describe("nothing is lost, nothing is rejected and nothing stands in the table twice", () => {
  itWithFaults("when no champion is published yet", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await putEvents(stage);
    await waitForMetric(stage, "ModelErrors");
    expect(await emitted(stage)).toEqual([]);
    await publishTable(stage);
    await expectAllDone(stage);
  });

  itWithFaults("when S3 is down as the function starts", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await publishTable(stage);
    stage.cloud.faults.set(({ service }) => (service === "s3" ? slowDown() : undefined));
    await putEvents(stage);
    await waitForMetric(stage, "DependencyErrors");
    stage.cloud.faults.clear();
    await expectAllDone(stage);
  });

  itWithFaults("when DynamoDB throttles most writes", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await publishTable(stage);
    let puts = 0;
    stage.cloud.faults.set(({ operation }) =>
      operation === "PutItem" && ++puts % 3 !== 0 ? throttled() : undefined,
    );
    await putEvents(stage);
    await waitForMetric(stage, "DependencyErrors");
    stage.cloud.faults.clear();
    await expectAllDone(stage);
  });

  itWithProcesses("when DynamoDB is down while another version becomes champion", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await publishTable(stage);
    stage.cloud.faults.set(({ operation }) =>
      operation === "PutItem" ? jsonFault(500, "InternalServerError", "down (simulated)") : undefined,
    );
    await putEvents(stage);
    await waitForMetric(stage, "DependencyErrors");
    const resume = await pauseEventSource(stage, model);
    stage.cloud.faults.clear();
    await publishTable(
      stage,
      table.map((score) => -score),
    );
    // A new process knows nothing of the champion before.
    await killFunctions(stage.cloud.port);
    await resume();
    await expectAllDone(stage);
  });

  itWithProcesses("when the function is killed in the middle of a batch", async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await publishTable(stage);
    let puts = 0;
    stage.cloud.faults.set(async ({ operation }) => {
      if (operation === "PutItem" && ++puts === 60) {
        await killFunctions(stage.cloud.port);
      }
      return undefined;
    });
    await putEvents(stage);
    await expectAllDone(stage);
    expect(puts).toBeGreaterThan(60);
    expect(stage.cloud.metrics.sum({ namespace: "AWS/Lambda", metric: "Errors" })).toBeGreaterThanOrEqual(1);
  });

  itWithFaults("when a shard of the predictions stream takes only a part of what is put on it", async () => {
    const flights = Array.from({ length: 2_000 }, (_, i) => departure(`flight-${i}`));
    const startMs = Date.now();
    let sentCount = 0;
    const names: { predictions?: string } = {};
    await using stage = await openStage({
      kinesis: {
        throttle: true,
        // Time stands still until a record was sent twice: a shard takes its 1,000, however slow the machine.
        clock: () => (sentCount > flights.length ? Date.now() : startMs),
        beforeOperation: (operation, input) => {
          const { StreamName, Records } = input as { StreamName?: string; Records?: readonly unknown[] };
          if (operation === "PutRecords" && StreamName === names.predictions) sentCount += Records!.length;
        },
      },
    });
    names.predictions = stage.outputs.PredictionsStreamName;
    await publish(stage, fileURLToPath(treesFolder));
    // Events on every shard, their predictions all of one airport and so on one, which takes 1,000 a second.
    await putAll(
      stage,
      flights.map((data, i) => ({ data, partitionKey: String(i) })),
    );
    const got = await predictionsOf(
      stage,
      "flight-delay",
      flights.map(({ flight }) => flight),
    );
    expect(got.size).toBe(flights.length);
    expect(await readRejects(stage, "flight-delay")).toEqual([]);
    expect(sentCount).toBeGreaterThan(flights.length);
  });
});

async function putEvents(stage: Stage): Promise<void> {
  await putAll(
    stage,
    events.map((data, i) => ({ data, partitionKey: String(i % 2) })),
  );
}

async function publishTable(stage: Stage, scores: readonly number[] = table): Promise<void> {
  await using folder = await tablePackage(scores);
  await publish(stage, folder.path);
}

async function waitForMetric(stage: Stage, metric: string): Promise<void> {
  await waitUntil(stage, () => (sumOf(stage, model, metric) > 0 ? undefined : `the metric ${metric}`));
}

async function expectAllDone(stage: Stage): Promise<void> {
  await predictionsOf(stage, model, ids);
  await expectStoredOnce(stage, ids);
  expect(await readRejects(stage, model)).toEqual([]);
  expect(await readParked(stage)).toEqual([]);
}

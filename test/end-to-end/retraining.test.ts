import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { readHistory } from "../../functions/core/rollout/read-history.ts";
import type { LearningReport } from "../../scripts/retrain/read-learning.ts";
import { putAll } from "./support/events.ts";
import { npmRun } from "./support/npm-run.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const count = 600;
const beginsMs = Date.UTC(2001, 0, 31);

/** It knows nothing: whatever learns of the examples does better. */
const ignorant = [0.5, 0.5, 0.5, 0.5];

const training = {
  rows: { over: "30d", least: 100 },
  // What looks up a table is faster than any tree; of some hundred rows calibration is rough.
  gates: { calibration: 0.3, latencyRatio: 1000 },
  canary: { shadow: "1s", share: 0.5, deadline: "1s", atDeadline: "promote" },
};

describe("a model's retraining", () => {
  itNeeding("ownModels", "metrics")(
    "is one execution, whoever asks for it at once, and ends with a new champion",
    async () => {
      await using stage = await openRetraining();
      const first = await publishWith(stage, training);
      await serveAndTell(stage);

      const answers = await askFourAtOnce(stage);
      expect(answers.filter(({ started }) => started)).toHaveLength(1);
      expect(new Set(answers.map(({ execution }) => execution)).size).toBe(1);
      const { status } = await untilEnded(stage);
      expect(status, stage.recentLog()).toBe("SUCCEEDED");

      const { ended, running } = await statusOf(stage);
      expect(running).toBeNull();
      expect(ended).toMatchObject([{ end: "promoted", rows: expect.any(Number) }]);
      expect(ended[0]!.rows).toBeGreaterThan(count / 2);
      expect(ended[0]!.dollars).toBeGreaterThan(0);
      const [newest, ...before] = await readHistory(ledgerOf(stage), model);
      expect(newest!.aliases.champion!.digest).not.toBe(first);
      expect(before.at(-1)!.aliases.champion!.digest).toBe(first);
      const said = stage.cloud.published.map(({ message }) => message).join("\n");
      expect(said).toContain("promoted");
    },
  );

  itNeeding("ownModels", "metrics")("leaves the champion where a gate refuses what was trained", async () => {
    await using stage = await openRetraining();
    // Nothing gets a loss that is lower by ten.
    const first = await publishWith(stage, { ...training, gates: { ...training.gates, logLoss: -10 } });
    await serveAndTell(stage);
    await npmRun(stage, "retrain", model, "--why", "a test");
    const { status } = await untilEnded(stage);
    expect(status, stage.recentLog()).toBe("SUCCEEDED");
    expect((await statusOf(stage)).ended).toMatchObject([
      {
        end: "refused",
        by: expect.stringContaining("a test"),
        why: expect.stringContaining("rise of the loss"),
      },
    ]);
    const history = await readHistory(ledgerOf(stage), model);
    expect(history.map(({ aliases }) => aliases.champion?.digest)).toEqual([first]);
  });

  itNeeding("ownModels", "metrics")("stops, telling why, where there are no examples yet", async () => {
    await using stage = await openRetraining();
    await publishWith(stage, training);
    const { stdout } = await npmRun(stage, "retrain");
    expect(stdout).toMatch(/^started table-lookup-\d{8}-1$/m);
    expect((await untilEnded(stage)).status, stage.recentLog()).toBe("SUCCEEDED");
    expect((await statusOf(stage)).ended).toMatchObject([{ end: "stopped" }]);
  });
});

function openRetraining(): Promise<Stage> {
  return openStage({
    models: { [model]: { learning: { checkSeconds: 1 } } },
    ...{ archive: { enabled: false } },
  });
}

async function publishWith(stage: Stage, declared: object) {
  await using folder = await tablePackage(ignorant, {
    outcome: {
      ...{ on: { type: "truth" }, id: "id", time: "at" },
      ...{ label: { from: "truth", is: true }, within: "1d" },
    },
    predictOn: { type: "question" },
    training: declared,
  });
  const sample = { event: { ...tableEvent("sample", 0), type: "question" }, outputs: { score: 0.5 } };
  await writeFile(join(folder.path, "samples.jsonl"), `${JSON.stringify(sample)}\n`);
  return (await publish(stage, folder.path)).plan.digest;
}

/** Serve events of which places 2 and 3 come true nine times of ten, the others one; then tell it. */
async function serveAndTell(stage: Stage): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => ({
    ...tableEvent(`e-${i}`, i % 4),
    type: "question",
    at: new Date(beginsMs + i * 60_000).toISOString(),
  }));
  const put = (all: readonly object[]) =>
    putAll(
      stage,
      all.map((data) => ({ data, partitionKey: "one" })),
    );
  await put(events);
  await predictionsOf(
    stage,
    model,
    events.map(({ id }) => id),
  );
  // After all of them: what is told out of order is late.
  const outcomes = events.map(({ id, place }, i) => ({
    ...{ type: "truth", id, at: new Date(beginsMs + (count + i) * 60_000).toISOString() },
    truth: place >= 2 !== (Math.floor(i / 4) % 10 === 0),
  }));
  await put(outcomes);
  await untilIdle(stage);
}

/** Two schedules, an alarm and a person, in one moment. */
async function askFourAtOnce(
  stage: Stage,
): Promise<readonly { readonly started: boolean; readonly execution?: string }[]> {
  const { functionName } = stage.cloud.lambda
    .listFunctions()
    // Only the function at the door is told of the state machine.
    .find((each) => each.environment.HEADRACE_STATE_MACHINE !== undefined)!;
  const alarm = {
    source: "aws.cloudwatch",
    alarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:drift",
    alarmData: {
      alarmName: "drift",
      state: { value: "ALARM", reason: "Threshold Crossed", timestamp: new Date().toISOString() },
      configuration: {
        metrics: [
          {
            metricStat: {
              metric: {
                ...{ namespace: "Headrace", name: "DriftAlarm" },
                dimensions: { Stage: "dev", Model: model },
              },
            },
          },
        ],
      },
    },
  };
  const events = [
    { reason: "schedule", by: "one schedule" },
    { reason: "schedule", by: "another schedule" },
    alarm,
    { reason: "person", by: "ada" },
  ];
  return await Promise.all(
    events.map(async (event) => {
      const { payload } = await stage.cloud.lambda.invoke(functionName, JSON.stringify(event));
      return JSON.parse(String(payload));
    }),
  );
}

async function untilEnded(stage: Stage) {
  const { stateMachines } = stage.cloud;
  const executions = () => stateMachines.list().flatMap(({ arn }) => stateMachines.listExecutions(arn));
  await waitUntil(stage, () =>
    executions().length > 0 && executions().every(({ status }) => status !== "RUNNING")
      ? undefined
      : "that the execution ends",
  );
  const [execution, ...others] = executions();
  expect(others).toEqual([]);
  return execution!;
}

async function statusOf(stage: Stage): Promise<LearningReport> {
  const { stdout } = await npmRun(stage, "retrain", "--status", "--json");
  return JSON.parse(stdout) as LearningReport;
}

function ledgerOf(stage: Stage): DynamoLedger {
  return new DynamoLedger({ client: stage.tables, table: stage.outputs.LedgerTableName });
}

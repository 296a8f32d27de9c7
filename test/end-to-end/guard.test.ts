import { describe, expect } from "vitest";
import { functionClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { LambdaFunctionEnvironment } from "../../functions/adapters/aws/lambda-function-environment.ts";
import { recycledVariable } from "../../functions/contract/env.ts";
import { moveAlias } from "../../functions/core/rollout/move-alias.ts";
import { putAll } from "./support/events.ts";
import { sumOf } from "./support/metrics.ts";
import { npmRun } from "./support/npm-run.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const scores = [0.125, 0.25, 0.5, 0.75];
/** A place that only the champion knows: the challenger's whole run fails on it. */
const beyond = scores.length;

describe("a challenger that fails", () => {
  itNeeding("ownModels", "metrics")(
    "is stopped by the function at once and taken off the ledger by the guard, and no event is lost",
    async () => {
      await using stage = await openStage({ models: { [model]: {} }, archive: { enabled: false } });
      const challenger = await publishTable(stage, scores);
      const champion = await publishTable(stage, [...scores, 0.875]);
      const ledger = new DynamoLedger({ client: stage.tables, table: stage.outputs.LedgerTableName });
      const move = { kind: "share", version: challenger, share: 1 } as const;
      await moveAlias({ ledger, model, move, by: "the end-to-end suite", why: "a test", now: Date.now });

      const good = await predictOn(stage, "good", 1);
      expect(good).toEqual(new Set([challenger]));
      const shown = await npmRun(stage, "status");
      expect(shown.stdout).toMatch(
        new RegExp(
          `challenger +${challenger.slice(0, 12)} with 100 % since .*; answered 20, failed 0, stopped 0`,
        ),
      );
      expect(shown.stdout).toMatch(/stream function .*, memory \d+\.\d % at most/);
      const bad = await predictOn(stage, "bad", beyond);
      expect(bad).toEqual(new Set([champion]));
      expect(sumOf(stage, model, "ChallengerStopped")).toBeGreaterThan(0);
      // It knows these, but is not asked.
      expect(await predictOn(stage, "after", 1)).toEqual(new Set([champion]));

      await waitUntil(stage, async () => {
        const live = await ledger.latest(model);
        return live?.aliases.challenger === undefined ? undefined : "an entry without the challenger";
      });
      const live = await ledger.latest(model);
      expect(live).toMatchObject({
        by: "guard",
        why: expect.stringMatching(
          /^alarm Headrace-dev-Serving-.*Challenger(Errors|Stopped).*: Threshold Crossed/,
        ),
        change: { kind: "alias", action: "stop", alias: "challenger" },
        aliases: { champion: { digest: champion } },
      });
      // Two alarms go off, and one entry is all that comes of them.
      await untilIdle(stage);
      expect((await ledger.latest(model))?.revision).toBe(live?.revision);
    },
  );
});

describe("a function whose memory is short", () => {
  itNeeding("ownModels", "metrics")("is given new environments, and answers as before", async () => {
    await using stage = await openStage({ models: { [model]: {} }, archive: { enabled: false } });
    const champion = await publishTable(stage, scores);
    await predictOn(stage, "before", 1);
    const { cloud } = stage;
    const alarm = cloud.alarms.list().find(({ definition }) => /StreamMemory/.test(definition.name))!;
    const [query] = alarm.definition.queries;
    const { metric, dimensions } = query!.metric!;
    const usedRatio = cloud.metrics.sum({ namespace: "Headrace", metric, dimensions });
    expect(usedRatio).toBeGreaterThan(0);
    expect(usedRatio).toBeLessThan(1);

    cloud.alarms.setState(alarm.definition.name, { value: "ALARM", reason: "said by hand" });
    const client = functionClient(stage.access);
    const functions = new LambdaFunctionEnvironment({ client });
    const variables = async () => (await functions.read(dimensions.Function!)).variables;
    await waitUntil(stage, async () =>
      recycledVariable in (await variables()) ? undefined : "the variable that the guard sets",
    );
    expect(await variables()).toMatchObject({ HEADRACE_MODEL: model, ORT_DISABLE_TELEMETRY: "1" });
    client.destroy();
    expect(await predictOn(stage, "after", 1)).toEqual(new Set([champion]));
    expect(sumOf(stage, model, "ModelErrors")).toBe(0);
  });
});

async function publishTable(stage: Stage, table: readonly number[]): Promise<string> {
  await using folder = await tablePackage(table);
  return (await publish(stage, folder.path)).plan.digest;
}

/** Put events of one place on the stream. @returns the versions that answered them */
async function predictOn(stage: Stage, name: string, place: number): Promise<ReadonlySet<string>> {
  const events = Array.from({ length: 20 }, (_, i) => tableEvent(`${name}-${i}`, place));
  await putAll(
    stage,
    // One shard, so that one environment sees them all.
    events.map((data) => ({ data, partitionKey: "one" })),
  );
  const ids = events.map(({ id }) => id);
  const byEvent = await predictionsOf(stage, model, ids);
  expect([...byEvent.values()].every((each) => each.length === 1)).toBe(true);
  return new Set([...byEvent.values()].flatMap((each) => each.map(({ prediction }) => prediction.digest)));
}

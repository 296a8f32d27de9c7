import { describe, expect } from "vitest";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { Prediction } from "../../functions/contract/prediction.ts";
import { rival } from "../../functions/contract/rival.ts";
import { maxAliasAgeMs } from "../../functions/core/rollout/champion.ts";
import { moveAlias } from "../../functions/core/rollout/move-alias.ts";
import type { Move } from "../../functions/core/rollout/moves.ts";
import { isChallengersEntity } from "../../functions/core/rollout/route.ts";
import { call } from "./support/http-call.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { expectStoredOnce, storedPredictions } from "./support/stored-predictions.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const table = [0.125, 0.25, 0.5, 0.75];

describe("a rollout over HTTPS", () => {
  itNeeding("ownModels", "metrics")(
    "rolled back under load: no request that starts 5 s after the ledger's word is answered by the version taken back, and none is lost",
    async () => {
      await using stage = await openStage({ models: { [model]: {} } });
      const before = await publishTable(stage, 1);
      const after = await publishTable(stage, -1);
      const requests: { readonly startedMs: number; readonly answer: Prediction }[] = [];
      let isDone = false;
      const clients = [0, 1, 2].map(async (client) => {
        for (let i = 0; !isDone; i++) {
          const startedMs = performance.now();
          const [answer] = await predict(stage, [tableEvent(`${client}-${i}`, i % table.length)]);
          requests.push({ startedMs, answer: answer! });
        }
      });
      const load = Promise.all(clients);
      try {
        await waitUntil(stage, () =>
          requests.some(({ answer }) => answer.digest === after)
            ? undefined
            : "an answer by the newer version",
        );
        await move(stage, { kind: "rollback" });
        const acknowledgedMs = performance.now();
        const late = () => requests.filter(({ startedMs }) => startedMs > acknowledgedMs + 5_000);
        await waitUntil(stage, () =>
          late().length < 30 ? "requests that start 5 s after the rollback" : undefined,
        );
        expect(new Set(late().map(({ answer }) => answer.digest))).toEqual(new Set([before]));
      } finally {
        isDone = true;
        await load;
      }
      const sign = { [before]: 1, [after]: -1 } as Record<string, number>;
      const wrong = requests.filter(({ answer }) => {
        const place = Number(answer.eventId.split("-")[1]) % table.length;
        return answer.outputs.score !== sign[answer.digest]! * table[place]!;
      });
      expect(wrong).toEqual([]);
      await expectStoredOnce(
        stage,
        requests.map(({ answer }) => answer.eventId),
      );
    },
  );

  itNeeding("ownModels", "metrics")(
    "lets a challenger answer its share beside the champion, and a shadow score what was served",
    async () => {
      await using stage = await openStage({ models: { [model]: {} } });
      const shadow = await publishTable(stage, 3);
      const challenger = await publishTable(stage, 2);
      const champion = await publishTable(stage, 1);
      await move(stage, { kind: "share", version: challenger, share: 0.5 });
      await move(stage, { kind: "shadow", version: shadow, sample: 1 });
      await new Promise((resolve) => setTimeout(resolve, maxAliasAgeMs));
      let sent = 0;
      const answers: Prediction[] = [];
      // What the shadow is sent is a sample: on a busy machine some of it is dropped rather than waited for.
      await waitUntil(stage, async () => {
        const events = Array.from({ length: 20 }, () => tableEvent(`event-${sent}`, sent++ % table.length));
        answers.push(...(await predict(stage, events)));
        await untilIdle(stage);
        const stored = await storedPredictions(stage);
        return stored.some(({ prediction }) => prediction.role === "shadow")
          ? undefined
          : "a shadow's prediction";
      });

      const times = { [champion]: 1, [challenger]: 2, [shadow]: 3 } as Record<string, number>;
      const scoreOf = (eventId: string, digest: string) =>
        times[digest]! * table[Number(eventId.split("-")[1]) % table.length]!;
      for (const { eventId, digest, role, outputs } of answers) {
        const isChallengers = isChallengersEntity(eventId, challenger, 0.5);
        expect([role, digest]).toEqual(isChallengers ? ["challenger", challenger] : ["champion", champion]);
        expect(outputs.score).toBe(scoreOf(eventId, digest));
      }
      const stored = await storedPredictions(stage);
      const slot = (name: string) => stored.filter(({ item }) => item.sk!.S!.startsWith(`${name}#`));
      expect(
        slot("champion")
          .map((row) => row.body)
          .toSorted(),
      ).toEqual(answers.map((answer) => JSON.stringify(answer)).toSorted());
      for (const { item, prediction } of slot("champion")) {
        const other = rival.parse(JSON.parse(item.rival!.S!));
        expect(new Set([prediction.digest, other.digest])).toEqual(new Set([champion, challenger]));
        expect(other.outputs.score).toBe(scoreOf(prediction.eventId, other.digest));
      }
      expect(slot("shadow").length).toBeGreaterThan(0);
      for (const { item, prediction } of slot("shadow")) {
        expect(prediction).toMatchObject({ digest: shadow, role: "shadow" });
        expect(prediction.outputs.score).toBe(scoreOf(prediction.eventId, shadow));
        expect([item.features?.B?.length ?? 0, item.rival]).toEqual([0, undefined]);
      }
    },
  );
});

async function publishTable(stage: Stage, times: number): Promise<ModelDigest> {
  await using folder = await tablePackage(table.map((score) => times * score));
  const { entry } = await publish(stage, folder.path);
  return entry.aliases.champion!.digest;
}

async function move(stage: Stage, to: Move): Promise<void> {
  const ledger = new DynamoLedger({ client: stage.tables, table: stage.outputs.LedgerTableName });
  await moveAlias({ ledger, model, move: to, by: "the end-to-end suite", why: "a test", now: Date.now });
}

async function predict(stage: Stage, events: readonly object[]): Promise<readonly Prediction[]> {
  const { status, text } = await call(stage, `/models/${model}/predict`, { body: { events } });
  expect([status, status === 200 ? "" : text]).toEqual([200, ""]);
  return JSON.parse(text).predictions;
}

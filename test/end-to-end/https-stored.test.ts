import { describe, expect } from "vitest";
import { putAll } from "./support/events.ts";
import { call } from "./support/http-call.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { expectStoredOnce, storedPredictions } from "./support/stored-predictions.ts";
import { itNeeding, openStage } from "./support/target.ts";

const table = [0.125, 0.25, 0.5, 0.75];
const events = Array.from({ length: 120 }, (_, i) => tableEvent(`event-${i}`, i % table.length));
const ids = events.map(({ id }) => id);

describe("a model that keeps its predictions", () => {
  itNeeding("ownModels", "metrics")(
    "stores those that it gives over HTTPS once, however often they are asked for",
    async () => {
      await using stage = await openTable();
      const asked = await Promise.all(Array.from({ length: 5 }, () => predict(stage, events)));

      for (const answers of asked) expect(answers).toEqual(asked[0]);
      await expectStoredOnce(stage, ids);
      const stored = new Map((await storedPredictions(stage)).map((row) => [row.prediction.eventId, row]));
      asked[0]!.forEach((answer, i) => {
        const { body, item } = stored.get(ids[i]!)!;
        expect(body).toBe(JSON.stringify(answer));
        expect(answer).toMatchObject({ outputs: { score: table[i % table.length] } });
        expect([...new Float32Array(item.features!.B!.slice().buffer)]).toEqual([i % table.length, 0]);
      });
    },
  );

  itNeeding("ownModels", "metrics")(
    "has one row for an event that comes by stream and by HTTPS at once, and one answer",
    async () => {
      await using stage = await openTable();
      const put = putAll(
        stage,
        events.map((data) => ({ data, partitionKey: data.id })),
      );
      const parts = Array.from({ length: 20 }, (_, i) => events.filter((_, at) => at % 20 === i));
      const asked = (await Promise.all(parts.map((part) => predict(stage, part)))).flat();
      await put;
      const onStream = await predictionsOf(stage, model, ids);

      await expectStoredOnce(stage, ids);
      for (const answer of asked) {
        const text = JSON.stringify(answer);
        const { eventId } = answer as { eventId: string };
        expect(new Set(onStream.get(eventId)!.map(({ body }) => body))).toEqual(new Set([text]));
      }
    },
  );

  itNeeding("ownModels", "metrics")(
    "keeps to what it stored first, also when another version has taken over",
    async () => {
      await using stage = await openTable();
      const first = await predict(stage, events.slice(0, 10));
      const { digest } = first[0] as { digest: string };
      await using folder = await tablePackage(table.map((score) => -score));
      await publish(stage, folder.path);
      let later: readonly unknown[] = [];
      for (let i = 0; i === 0 || (later[0] as { digest: string }).digest === digest; i++)
        later = await predict(stage, [tableEvent(`probe-${i}`, 1)]);

      expect(later[0]).toMatchObject({ outputs: { score: -0.25 } });
      expect(await predict(stage, events.slice(0, 10))).toEqual(first);
    },
  );

  itNeeding("ownModels", "metrics")("stores nothing of an event that it cannot answer", async () => {
    await using stage = await openTable();
    const answers = await predict(stage, [events[0]!, tableEvent("out of the table", 99), events[1]!]);

    expect(answers[1]).toEqual({ error: { code: "run.failed", message: expect.any(String) } });
    await expectStoredOnce(stage, ids.slice(0, 2));
  });
});

async function openTable(): Promise<Stage> {
  const stage = await openStage({ models: { [model]: {} } });
  await using folder = await tablePackage(table);
  await publish(stage, folder.path);
  return stage;
}

/** Ask for predictions, and again for those that a busy table could not store in time, as the answer says to do. */
async function predict(stage: Stage, asked: readonly object[]): Promise<readonly unknown[]> {
  const answers = [...(await predictOnce(stage, asked))];
  for (let time = 1; time < 5; time++) {
    const lost = answers.flatMap((answer, i) => (isLost(answer) ? [i] : []));
    if (lost.length === 0) break;
    const again = await predictOnce(
      stage,
      lost.map((i) => asked[i]!),
    );
    for (const [at, i] of lost.entries()) answers[i] = again[at];
  }
  return answers;
}

function isLost(answer: unknown): boolean {
  return (answer as { error?: { code: string } }).error?.code === "dependency.unavailable";
}

async function predictOnce(stage: Stage, asked: readonly object[]): Promise<readonly unknown[]> {
  const { status, text } = await call(stage, `/models/${model}/predict`, { body: { events: asked } });
  expect([status, status === 200 ? "" : text]).toEqual([200, ""]);
  const { predictions } = JSON.parse(text);
  expect(predictions).toHaveLength(asked.length);
  return predictions;
}

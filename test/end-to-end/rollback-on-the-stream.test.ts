import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { putAll } from "./support/events.ts";
import { npmRun } from "./support/npm-run.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { emitted, predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { expectStoredOnce } from "./support/stored-predictions.ts";
import { itNeeding, openStage } from "./support/target.ts";

/** The bar: how long after a move is in the ledger a batch may still start on the version before. */
const noticedMs = 5_000;
const everyMs = 50;
const perPut = 5;

itNeeding("ownModels")(
  "a champion is taken back under load: no batch starts on it five seconds later, and every event has one answer",
  async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    await using good = await tablePackage([0.125, 0.25]);
    await using worse = await tablePackage([0.75, 1]);
    const first = (await publish(stage, good.path)).plan.digest;
    const second = (await publish(stage, worse.path)).plan.digest;
    const putAtMs = new Map<string, number>();
    const load = { isOn: true };
    const putting = (async () => {
      while (load.isOn) {
        const events = Array.from({ length: perPut }, (_, i) => tableEvent(`e${putAtMs.size + i}`, i % 2));
        const nowMs = Date.now();
        for (const { id } of events) putAtMs.set(id, nowMs);
        await putAll(
          stage,
          events.map((data) => ({ data, partitionKey: data.id })),
        );
        await sleep(everyMs);
      }
    })();
    await sleep(2_000);
    const moved = await npmRun(stage, "models", "rollback", model, "--why", "it is worse", "--json");
    const acknowledgedMs = Date.now();
    expect(moved.status, moved.stderr).toBe(0);
    await sleep(noticedMs + 2_000);
    load.isOn = false;
    await putting;

    const ids = [...putAtMs.keys()];
    await predictionsOf(stage, model, ids);
    await expectStoredOnce(stage, ids);
    const answers = await emitted(stage);
    const digests = new Set(answers.map(({ prediction }) => prediction.digest));
    expect(digests).toEqual(new Set([first, second]));
    // What was put later than that stood in no batch that had started before.
    const late = answers.filter(
      ({ prediction: { digest, eventId } }) =>
        digest === second && putAtMs.get(eventId)! > acknowledgedMs + noticedMs,
    );
    expect(late.map(({ body }) => body).slice(0, 3)).toEqual([]);
    expect([...putAtMs.values()].some((ms) => ms > acknowledgedMs + noticedMs)).toBe(true);
  },
);

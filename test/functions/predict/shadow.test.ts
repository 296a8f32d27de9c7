import { describe, expect, it } from "vitest";
import { MemoryShadowQueue } from "../../../functions/adapters/memory/memory-shadow-queue.ts";
import { prediction } from "../../../functions/contract/prediction.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import { isShadowed } from "../../../functions/core/rollout/route.ts";
import type { ShadowQueue } from "../../../functions/core/rollout/shadow-queue.ts";
import { createShadowScorer } from "../../../functions/shadow/score-served-rows.ts";
import { ask, tablePackage } from "../stream/set-up.ts";
import { echoPackage, setUp } from "./set-up.ts";

const url = "/models/table/predict";
const first = [0.125, 0.25, 0.5, 1];
const second = [0.5, 0.75, 0.25, 0.125];

/** A champion and its shadow; what the queue takes is scored when the test says so. */
async function rollOut(
  options: { queue?: ShadowQueue; files?: PackageFiles; champion?: PackageFiles; nowMs?: () => number } = {},
) {
  const queue = new MemoryShadowQueue();
  const { files = tablePackage({}, second), champion = tablePackage({}, first), nowMs } = options;
  const shadows = options.queue ?? queue;
  const stage = await setUp(champion, { shadows, ...(nowMs && { nowMs }) });
  const digest = stage.digest!;
  const shadow = await stage.publish(files, () => ({ champion: { digest } }));
  const score = createShadowScorer(stage.deps);
  return {
    ...stage,
    queue,
    champion: digest,
    shadow,
    sample: (sample: number) => stage.move({ champion: { digest }, shadow: { digest: shadow, sample } }),
    async predict(events: readonly object[]) {
      const { status, json } = await stage.call("POST", `/models/${stage.model}/predict`, { events });
      return { status, predictions: json.predictions as Record<string, unknown>[] };
    },
    /** Let the shadow function score what the queue took. */
    async score() {
      for (const batch of queue.batches.splice(0)) await score(batch);
    },
  };
}

const events = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, i) => ask(`e${i}`, i % 4, { tail: `N${i}`, ...more }));

describe("a shadow over HTTPS", () => {
  it("scores the rows that were served, after the answer, and stores what it says under its own role", async () => {
    const { sample, predict, score, store, shadow, champion, metrics } = await rollOut();
    await sample(1);
    const { predictions } = await predict(events(10));
    expect(predictions.every(({ digest, role }) => digest === champion && role === "champion")).toBe(true);
    expect(store.rows.map(({ role }) => role)).toEqual(Array(10).fill("champion"));

    await score();
    const shadows = store.rows.slice(10);
    expect(shadows.map(({ role, eventId }) => [role, eventId])).toEqual(
      predictions.map(({ eventId }) => ["shadow", eventId]),
    );
    shadows.forEach(({ body, features, rival }, i) => {
      const said = prediction.parse(JSON.parse(body));
      expect(said).toMatchObject({ digest: shadow, role: "shadow", outputs: { score: second[i % 4] } });
      expect(said.predictionId).not.toBe(predictions[i]!.predictionId);
      expect(said.eventTime).toBe(predictions[i]!.eventTime);
      expect([features.length, rival]).toEqual([0, undefined]);
    });
    expect([metrics.sum("ShadowScored"), metrics.sum("ShadowDropped")]).toEqual([10, 0]);
  });

  it("scores its sample of the events, chosen by their ids", async () => {
    const { sample, predict, queue, shadow } = await rollOut();
    await sample(0.25);
    await predict(events(400));
    const sent = queue.batches.flatMap((batch) => batch.events.map(({ id }) => id));
    const chosen = Array.from({ length: 400 }, (_, i) => `e${i}`).filter((id) =>
      isShadowed(id, shadow, 0.25),
    );
    expect(sent).toEqual(chosen);
    // Five standard deviations of a binomial count: sqrt(400 × 0.25 × 0.75) = 8.7.
    expect(Math.abs(sent.length - 100)).toBeLessThan(44);
  });

  it("names what it says of events without an id by their place, as the answer is", async () => {
    const anonymous = { event: {}, predictOn: { type: "ask" } };
    const { sample, predict, score, store } = await rollOut({
      files: tablePackage(anonymous, second),
      champion: tablePackage(anonymous, first),
    });
    await sample(1);
    await predict(events(2));
    await score();
    expect(store.rows.map(({ role, eventId }) => [role, eventId])).toEqual([
      ["champion", "https/request-1/0/0"],
      ["champion", "https/request-1/1/0"],
      ["shadow", "https/request-1/0/0"],
      ["shadow", "https/request-1/1/0"],
    ]);
  });

  it("gets no events at fault, and what it cannot score is counted and not stored", async () => {
    // A table of one: every other place makes its run fail.
    const { sample, predict, score, store, metrics } = await rollOut({ files: tablePackage({}, [0.5]) });
    await sample(1);
    await predict([ask("a", 0), ask("b", "x"), ask("c", 9), ask("d", 2)]);
    await score();
    expect(store.rows.map(({ role, eventId }) => [role, eventId])).toEqual([
      ["champion", "a"],
      ["champion", "d"],
      ["shadow", "a"],
    ]);
    expect([metrics.sum("ShadowScored"), metrics.sum("ShadowDropped")]).toEqual([1, 1]);
  });

  it("is sent batches of bounded size, and what is too much for one request is dropped", async () => {
    const wide = {
      limits: { chunkRows: 200, eventBytes: 1_000_000 },
      features: { place: { from: "place" }, other: { from: "other", default: 0 } },
    };
    const { sample, predict, queue, metrics } = await rollOut({
      files: tablePackage(wide, second),
      champion: tablePackage(wide, first),
    });
    await sample(1);
    const long = events(5_000).map((event, i) => ({ ...event, id: `${i}`.padEnd(256, "é") }));
    await predict(long);
    const sizes = queue.batches.map((batch) => Buffer.byteLength(JSON.stringify(batch)));
    expect(Math.max(...sizes)).toBeLessThan(136 * 1024);
    expect(queue.batches.length).toBeLessThanOrEqual(8);
    const sent = queue.batches.flatMap((batch) => batch.events).length;
    expect(sent).toBeGreaterThan(0);
    expect(metrics.sum("ShadowDropped")).toBe(5_000 - sent);
  });

  it.each([
    [
      "reads other fields",
      tablePackage({ features: { place: { from: "seat" }, other: { from: "x", default: 0 } } }),
    ],
    [
      "has another layout",
      tablePackage({ features: { other: { from: "other", default: 0 }, place: { from: "place" } } }),
    ],
  ])("that %s is not sent the champion's rows", async (_, files) => {
    const { sample, predict, queue, metrics } = await rollOut({ files });
    await sample(1);
    expect((await predict(events(3))).status).toBe(200);
    expect([queue.batches.length, metrics.sum("ShadowDropped")]).toEqual([0, 3]);
  });

  it("is sent no text, which has no bytes of a fixed width", async () => {
    const echo = (keep: number) => echoPackage(["string"], { keep: false, limits: { chunkRows: keep } });
    const { sample, predict, queue, metrics } = await rollOut({ champion: echo(2), files: echo(4) });
    await sample(1);
    const { status } = await predict([{ string_a: "a", string_b: "b" }]);
    expect([status, queue.batches.length, metrics.sum("ShadowDropped")]).toEqual([200, 0, 1]);
  });

  it("changes no answer and fails none where its function does not take the rows", async () => {
    const refusing: ShadowQueue = {
      put: () => Promise.reject(new DependencyError("no", { code: "dependency.throttled" })),
    };
    const { sample, predict, metrics, logger } = await rollOut({ queue: refusing });
    const before = await predict(events(5));
    await sample(1);
    expect(await predict(events(5))).toEqual(before);
    expect(metrics.sum("ShadowDropped")).toBe(5);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn"]);
  });

  it("keeps no answer waiting where its function never takes the rows, and is given up after some requests", async () => {
    let nowMs = 0;
    let asked = 0;
    let givenUp = 0;
    const hanging: ShadowQueue = {
      put: (_, signal) => {
        asked++;
        signal.addEventListener("abort", () => givenUp++);
        return new Promise(() => undefined);
      },
    };
    const { sample, predict, metrics } = await rollOut({ queue: hanging, nowMs: () => nowMs });
    await sample(1);
    for (let i = 0; i < 5; i++) expect((await predict([ask(`r${i}`, 1)])).status).toBe(200);
    expect([asked, givenUp, metrics.sum("ShadowDropped")]).toEqual([3, 3, 5]);
    nowMs += 10_000;
    await predict([ask("later", 1)]);
    expect(asked).toBe(4);
  });

  it("stores nothing where the package keeps no predictions", async () => {
    const forgetful = { keep: false };
    const { sample, predict, score, store, metrics } = await rollOut({
      files: tablePackage(forgetful, second),
      champion: tablePackage(forgetful, first),
    });
    await sample(1);
    await predict(events(3));
    await score();
    expect([store.rows.length, metrics.sum("ShadowScored")]).toEqual([0, 3]);
  });
});

describe("the rows of a request that the champion and a challenger answer", () => {
  it("go to the shadow whoever answers", async () => {
    const { queue, call, publish, move, digest } = await rollOut();
    const aliases = { champion: { digest: digest! } };
    const challenger = await publish(tablePackage({}, [1, 1, 1, 1]), () => aliases);
    const shadow = await publish(tablePackage({}, [0, 0, 0, 0]), () => aliases);
    await move({
      ...aliases,
      challenger: { digest: challenger, share: 0.5 },
      shadow: { digest: shadow, sample: 1 },
    });
    await call("POST", url, { events: events(20) });
    expect(queue.batches.flatMap((batch) => batch.events.map(({ id }) => id))).toEqual(
      Array.from({ length: 20 }, (_, i) => `e${i}`),
    );
    expect(queue.batches.map((batch) => batch.digest)).toEqual([shadow]);
  });
});

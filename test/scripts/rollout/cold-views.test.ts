import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import { noteBackfilled, noteCold, readWarmth } from "../../../scripts/backfill/warm-spans.ts";
import { viewsOf } from "../../../scripts/publish/new-views.ts";
import { createStage, declared, modelName, startMs, withWindow } from "./memory-stage.ts";

const hourMs = 3_600_000;
const newestMs = startMs + 1_000 * hourMs;
const iso = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");

/** A champion without views, a version that looks three hours back, and events up to `newestMs`. */
async function withNewView(window = "3h") {
  const stage = createStage();
  await stage.publish();
  const version = await stage.publish(withWindow(window));
  await stage.setNewestEvent(newestMs);
  const [view] = viewsOf(modelPackage.parse({ ...declared, ...withWindow(window) }));
  return { ...stage, version, view: view! };
}

const live = ["promote", "share", "shadow"] as const;
const argsOf = (move: (typeof live)[number], version: string) =>
  move === "promote" ? [move, version] : [move, version, "10"];

describe("a move to a version whose views are new", () => {
  it.each(live)("is refused for %s, with the backfill that it lacks", async (move) => {
    const { models, ledger, version } = await withNewView();
    const from = iso(newestMs - 3 * hourMs);
    const command = `npm run backfill -- delays@${version.slice(0, 12)} --from ${from} --stage dev`;
    await expect(models(...argsOf(move, version))).rejects.toMatchObject({
      code: "config.model",
      message: `model "delays": got views of ${version.slice(0, 12)} without tiles of the time since ${from}: arrivals; fill them and move then, or move with --cold and wait until their windows have filled\n  ${command}`,
      details: { command, views: ["arrivals"] },
    });
    expect(await ledger.history(modelName)).toHaveLength(2);
  });

  it.each(live)("is made for %s once a backfill has filled them", async (move) => {
    const { models, tiles, version, view } = await withNewView();
    const span = { fromMs: newestMs - 3 * hourMs, toMs: newestMs };
    await noteBackfilled({ tiles, model: modelName, digest: view.digest, nowMs: startMs }, span);
    expect((await models(...argsOf(move, version))).join()).not.toMatch(/cold|advice/);
  });

  it("is refused by a backfill that ends too long ago, or begins too late, to the millisecond", async () => {
    // Of three hours ten minutes may lack.
    const fits = [
      { fromMs: newestMs - 3 * hourMs, toMs: newestMs - 600_000 },
      { fromMs: newestMs - 3 * hourMs + 600_000, toMs: newestMs },
      { fromMs: 0, toMs: newestMs + hourMs },
    ];
    const lacks = [
      { fromMs: newestMs - 3 * hourMs, toMs: newestMs - 600_001 },
      { fromMs: newestMs - 3 * hourMs + 600_001, toMs: newestMs },
      { fromMs: 0, toMs: newestMs - 3 * hourMs },
    ];
    for (const span of [...fits, ...lacks]) {
      const { models, tiles, version, view } = await withNewView();
      await noteBackfilled({ tiles, model: modelName, digest: view.digest, nowMs: startMs }, span);
      const moved = models("promote", version);
      if (fits.includes(span)) await moved;
      else await expect(moved).rejects.toMatchObject({ code: "config.model" });
    }
  });

  it("is made cold where that is wanted, which stands in the ledger, and warms up by itself", async () => {
    const { models, ledger, publish, setNewestEvent, version } = await withNewView();
    const told = await models("shadow", version, "10", "--cold", "--why", "a look");
    expect((await ledger.latest(modelName))?.why).toBe("a look (cold: arrivals)");
    expect(told.at(-1)).toMatch(/^ {2}advice {7}npm run backfill -- delays@/);
    // Its shadow feeds the view, but what came before is still not there.
    await expect(models("promote", "shadow")).rejects.toMatchObject({ code: "config.model" });
    const other = await publish({ ...withWindow("3h"), samplesTolerance: 0.5 });
    await expect(models("share", other, "10")).rejects.toMatchObject({ code: "config.model" });
    await setNewestEvent(newestMs + 3 * hourMs - 600_001);
    await expect(models("promote", "shadow")).rejects.toMatchObject({ code: "config.model" });
    await setNewestEvent(newestMs + 3 * hourMs - 600_000);
    await models("share", other, "10");
    await models("promote", "shadow");
  });

  it("is made as soon as a backfill has filled what lacked before a cold start", async () => {
    const { models, tiles, setNewestEvent, version, view } = await withNewView();
    await models("share", version, "10", "--cold");
    await setNewestEvent(newestMs + hourMs);
    const span = { fromMs: newestMs - 2 * hourMs, toMs: newestMs };
    await noteBackfilled({ tiles, model: modelName, digest: view.digest, nowMs: startMs }, span);
    await models("promote", "challenger");
  });

  it("is not held up where the champion keeps the view for as long, or no event has come", async () => {
    const { models, publish, setNewestEvent } = createStage();
    await publish(withWindow("24h"));
    const shorter = await publish(withWindow("3h"));
    const longer = await publish(withWindow("48h"));
    await models("promote", longer);
    await models("rollback");
    await setNewestEvent(newestMs);
    await models("share", shorter, "10");
    // Tiles that no window needs any more are let go.
    await expect(models("promote", longer)).rejects.toMatchObject({ code: "config.model" });
  });

  it("is not held up where it is a rollback, which says what lacks", async () => {
    const { models, publish, setNewestEvent } = createStage();
    const first = await publish(withWindow("3h"));
    const second = await publish();
    await setNewestEvent(newestMs);
    await models("promote", second);
    const told = await models("rollback", "--why", "worse");
    expect(told).toContain(`  live       champion ${first.slice(0, 12)}`);
    expect(told.join("\n")).toMatch(/by ada: worse \(cold: arrivals\)/);
    expect(told.at(-1)).toMatch(/npm run backfill -- delays@/);
  });
});

describe("notes of backfills", () => {
  it("join spans that touch, and keep the later of two apart", async () => {
    const tiles = new MemoryShardStateStore();
    const note = { tiles, model: "m", digest: "v", nowMs: startMs };
    const read = async () => (await readWarmth(tiles, "m", ["v", "w"])).get("v");
    const steps = [
      [
        [10, 20],
        [10, 20],
      ],
      [
        [10, 20],
        [10, 20],
      ],
      [
        [20, 30],
        [10, 30],
      ],
      [
        [5, 12],
        [5, 30],
      ],
      [
        [40, 50],
        [40, 50],
      ],
      [
        [5, 30],
        [40, 50],
      ],
    ] as const;
    for (const [[fromMs, toMs], [wantedFromMs, wantedToMs]] of steps) {
      await noteBackfilled(note, { fromMs, toMs });
      expect(await read()).toEqual({
        backfilled: { fromMs: wantedFromMs, toMs: wantedToMs },
        coldSinceMs: undefined,
      });
    }
    await noteCold(note, 60);
    await noteCold(note, 70);
    expect(await read()).toEqual({ backfilled: { fromMs: 40, toMs: 50 }, coldSinceMs: 70 });
  });
});

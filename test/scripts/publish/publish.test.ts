import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryLayoutStore } from "../../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import type { LedgerEntry } from "../../../functions/contract/ledger.ts";
import type { ConflictError } from "../../../functions/core/errors.ts";
import type { Ledger } from "../../../functions/core/rollout/ledger.ts";
import { checkPackage } from "../../../scripts/publish/check-package.ts";
import { publishPackage, publishPlan } from "../../../scripts/publish/publish.ts";
import type { PublishPlan } from "../../../scripts/publish/publish-plan.ts";
import { declare, engine, packageFolder } from "./package-folder.ts";

const day = Date.parse("2001-01-31T00:00:00Z");

function stage() {
  const [ledger, packages] = [new MemoryLedger(), new MemoryPackageStore()];
  let now = day;
  return {
    ledger,
    packages,
    at: (ms: number) => {
      now = ms;
    },
    publish: (folder: string, alias?: "champion" | "shadow", on: Ledger = ledger) =>
      publishPackage({
        folder,
        engine,
        ledger: on,
        packages,
        by: "ada",
        why: "a test",
        alias,
        now: () => now,
      }),
  };
}

/** Packages that differ in a comment-like setting alone. */
const version = (tolerance: number) => packageFolder(declare({ samplesTolerance: tolerance }));

describe("publishPackage", () => {
  it("makes a model's first version champion, and stores what the ledger names", async () => {
    await using folder = await packageFolder();
    const { ledger, packages, publish } = stage();
    const { outcome, entry, plan } = await publish(folder.path);
    expect(outcome).toBe("published");
    expect(entry).toEqual({
      model: "sensor-state",
      revision: 1,
      at: "2001-01-31T00:00:00.000Z",
      by: "ada",
      why: "a test",
      change: { kind: "publish", digest: plan.digest, sourceDigest: plan.sourceDigest, alias: "champion" },
      aliases: { champion: { digest: plan.digest } },
    });
    expect(await ledger.history("sensor-state")).toEqual([entry]);
    expect(await packages.read("sensor-state", plan.digest)).toEqual(new Map(plan.files));
  });

  it("sees to the key of a package with private paths before the ledger names it, and of no other", async () => {
    await using open = await packageFolder();
    await using discreet = await packageFolder(declare({ private: ["operator.name"] }));
    const { ledger, packages } = stage();
    const made: [model: string, entries: number][] = [];
    const publish = (folder: string, hasMaker: boolean) =>
      publishPackage({
        ...{ folder, engine, ledger, packages, by: "ada", why: "a test", now: () => day },
        ...(hasMaker && {
          concealerKeys: {
            ensure: async (model: string) =>
              void made.push([model, (await ledger.history("sensor-state")).length]),
          },
        }),
      });
    await publish(open.path, true);
    expect(made).toEqual([]);
    await expect(publish(discreet.path, false)).rejects.toThrow(/got no concealerKeys/);
    expect(await ledger.history("sensor-state")).toHaveLength(1);
    await publish(discreet.path, true);
    expect(made).toEqual([["sensor-state", 1]]);
  });

  it("puts the layout of the rows of a package with an outcome beside its files before the ledger names it", async () => {
    const outcome = { on: { type: "reading" }, id: "id", label: { from: "failed", is: true }, within: "1d" };
    await using folder = await packageFolder(declare({ event: { id: "id" }, outcome }));
    const { ledger, packages } = stage();
    const layouts = new MemoryLayoutStore();
    const options = {
      ...{ folder: folder.path, engine, ledger, packages, by: "ada", why: "a test" },
      now: () => day,
    };
    await expect(publishPackage(options)).rejects.toThrow(/got no layouts/);
    expect(await ledger.history("sensor-state")).toEqual([]);
    const { plan } = await publishPackage({ ...options, layouts });
    expect(plan.layout?.features.map(({ name }) => name)).toEqual(Object.keys(plan.package.features));
    expect(await layouts.read("sensor-state", plan.digest)).toEqual(plan.layout);
  });

  it("leaves the champion in place for a later version, until it is asked for by name", async () => {
    await using first = await version(0.1);
    await using second = await version(0.2);
    const { publish } = stage();
    const one = await publish(first.path);
    const two = await publish(second.path);
    expect(two).toMatchObject({ outcome: "published", entry: { revision: 2, aliases: one.entry.aliases } });
    expect(two.entry.change).not.toHaveProperty("alias");
    const three = await publish(second.path, "champion");
    expect(three).toMatchObject({
      outcome: "moved",
      entry: {
        revision: 3,
        change: { kind: "alias", action: "promote", alias: "champion", digest: two.plan.digest },
        aliases: { champion: { digest: two.plan.digest } },
      },
    });
  });

  it("publishes a new version straight to champion", async () => {
    await using first = await version(0.1);
    await using second = await version(0.2);
    const { publish } = stage();
    await publish(first.path);
    const { entry, plan } = await publish(second.path, "champion");
    expect(entry.change).toMatchObject({ kind: "publish", alias: "champion" });
    expect(entry.aliases.champion?.digest).toBe(plan.digest);
  });

  it("writes no entry for content that is published already, nor for an alias that stands already", async () => {
    await using first = await version(0.1);
    await using second = await version(0.2);
    const { ledger, publish } = stage();
    await publish(first.path);
    const newest = await publish(second.path, "champion");
    for (const alias of [undefined, "champion"] as const) {
      expect(await publish(second.path, alias)).toMatchObject({ outcome: "unchanged", entry: newest.entry });
    }
    expect(await publish(first.path)).toMatchObject({ outcome: "unchanged" });
    expect(await ledger.history("sensor-state")).toHaveLength(2);
  });

  it("publishes a version as a challenger that only scores, or a shadow of every event, unless told more", async () => {
    await using first = await version(0.1);
    await using second = await version(0.2);
    const { ledger, packages, publish } = stage();
    const champion = { digest: (await publish(first.path)).plan.digest };
    const to = { engine, ledger, packages, by: "ada", why: "a test", now: () => day };
    const shadow = await publish(second.path, "shadow");
    const { digest } = shadow.plan;
    expect(shadow.entry.change).toMatchObject({ kind: "publish", alias: "shadow" });
    expect(shadow.entry.aliases).toEqual({ champion, shadow: { digest, sample: 1 } });
    const challenge = (share?: number) =>
      publishPackage({ ...to, folder: second.path, alias: "challenger", share });
    const { entry, outcome } = await challenge();
    expect(outcome).toBe("moved");
    expect(entry.change).toEqual({ kind: "alias", action: "share", alias: "challenger", digest });
    expect(entry.aliases).toEqual({ champion, challenger: { digest, share: 0 } });
    expect((await challenge()).outcome).toBe("unchanged");
    expect((await challenge(0.2)).entry.aliases.challenger?.share).toBe(0.2);
    await expect(challenge(1.2)).rejects.toMatchObject({ code: "input.range" });
    await expect(publish(first.path, "shadow")).rejects.toThrow(/is the champion; name another version/);
  });

  it("asks the check once the files are stored, and enters nothing where it refuses", async () => {
    await using first = await version(0.1);
    await using second = await version(0.2);
    const { ledger, packages, publish } = stage();
    await publish(first.path);
    const to = { engine, ledger, packages, by: "ada", why: "a test", now: () => day };
    const refused = publishPackage({
      ...{ ...to, folder: second.path, alias: "champion" },
      async check({ entry, history }) {
        expect(history.length).toBe(1);
        expect((await packages.read("sensor-state", entry.change.digest!)).has("model.onnx")).toBe(true);
        throw new Error("cold");
      },
    });
    await expect(refused).rejects.toThrow("cold");
    expect(await ledger.history("sensor-state")).toHaveLength(1);
  });

  it("keeps models of different names apart", async () => {
    await using one = await packageFolder();
    await using other = await packageFolder(declare({ name: "other" }));
    const { publish } = stage();
    await publish(one.path);
    expect((await publish(other.path)).entry).toMatchObject({ model: "other", revision: 1 });
  });

  it("never dates an entry before the one before it", async () => {
    await using first = await version(0.1);
    await using second = await version(0.2);
    const { at, publish } = stage();
    at(day + 5_000);
    await publish(first.path);
    at(day);
    expect((await publish(second.path)).entry.at).toBe("2001-01-31T00:00:05.000Z");
  });

  it("writes nothing for a bad package, or a shadow of no champion", async () => {
    await using bad = await packageFolder({ "samples.jsonl": (text) => text.replace("idle", "worn") });
    await using good = await packageFolder();
    const { ledger, packages, publish } = stage();
    await expect(publish(bad.path)).rejects.toMatchObject({ code: "model.package" });
    await expect(publish(good.path, "shadow")).rejects.toMatchObject({ code: "model.alias" });
    expect(packages.objects.size).toBe(0);
    expect(await ledger.latest("sensor-state")).toBeUndefined();
  });

  it("refuses a package that keeps state where the stage allows its model several writers per shard", async () => {
    await using plain = await packageFolder();
    const plan = await checkPackage(plain.path, engine);
    const views = { v: { on: {}, key: "k", tile: "1m" as const, lateness: "0s" as const } };
    const withViews = { ...plan, package: { ...plan.package, views } };
    const { ledger, packages } = stage();
    const to = { ledger, packages, by: "ada", why: "a test", now: () => day };
    const stateless = ["other", "sensor-state"];
    await expect(publishPlan(withViews, { ...to, stateless })).rejects.toMatchObject({
      code: "config.model",
      message: expect.stringMatching(
        /^model "sensor-state": got a package with views or an outcome, .*stateful: false/,
      ),
    });
    expect(await ledger.history("sensor-state")).toEqual([]);
    expect((await publishPlan(plan, { ...to, stateless })).outcome).toBe("published");
    expect((await publishPlan(withViews, { ...to, stateless: ["other"] })).plan).toBe(withViews);
  });

  it("writes no entry when the files cannot be stored", async () => {
    await using folder = await packageFolder();
    const { ledger, packages, publish } = stage();
    packages.write = () => Promise.reject(new Error("no room"));
    await expect(publish(folder.path)).rejects.toThrow("no room");
    expect(await ledger.latest("sensor-state")).toBeUndefined();
  });

  it("keeps one consistent history, however publishers interleave", async () => {
    const plans = await Promise.all([0.1, 0.2, 0.3].map(planOf));
    const publisher = fc.record({ plan: fc.constantFrom(...plans), isChampion: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(publisher, { minLength: 2, maxLength: 6 }),
        async (scheduler, publishers) => {
          const { ledger, packages } = stage();
          const slow = interleaved(ledger, scheduler);
          const running = publishers.map(({ plan, isChampion }) =>
            publishPlan(plan, {
              ledger: slow,
              packages,
              by: "ada",
              why: "a test",
              alias: isChampion ? "champion" : undefined,
              now: () => day,
            }),
          );
          const settled = await scheduler.waitFor(Promise.allSettled(running));
          const results = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
          const history = [...(await ledger.history("sensor-state"))].reverse();
          assertConsistent(history);
          // Every entry has exactly one publisher who believes to have written it.
          const written = results.filter(({ outcome }) => outcome !== "unchanged").map(({ entry }) => entry);
          expect(written.sort((x, y) => x.revision - y.revision)).toEqual(history);
          const published = history.flatMap(({ change }) =>
            change.kind === "publish" ? [change.digest] : [],
          );
          expect(new Set(published)).toEqual(new Set(results.map(({ plan }) => plan.digest)));
          // Who is refused wanted an alias, and is told who moved one first.
          for (const [i, each] of settled.entries()) {
            if (each.status === "fulfilled") continue;
            expect(each.reason).toMatchObject({ name: "ConflictError", code: "dependency.conflict" });
            expect(publishers[i]!.isChampion).toBe(true);
            const { winner } = (each.reason as ConflictError).details as { readonly winner: LedgerEntry };
            expect(history[winner.revision - 1]).toEqual(winner);
          }
          expect(new Set(published).size).toBe(published.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

async function planOf(tolerance: number): Promise<PublishPlan> {
  await using folder = await version(tolerance);
  return await checkPackage(folder.path, engine);
}

/** The ledger with its answers in whatever order the scheduler likes. */
function interleaved(ledger: Ledger, scheduler: fc.Scheduler): Ledger {
  return {
    latest: async (model) => {
      await scheduler.schedule(Promise.resolve());
      return ledger.latest(model);
    },
    history: async (model, options) => {
      await scheduler.schedule(Promise.resolve());
      return ledger.history(model, options);
    },
    append: async (entry) => {
      await scheduler.schedule(Promise.resolve());
      return ledger.append(entry);
    },
  };
}

/** Replay the history from nothing: each entry's aliases are those before it with its own change made. */
function assertConsistent(history: readonly LedgerEntry[]): void {
  let aliases: LedgerEntry["aliases"] = {};
  history.forEach(({ revision, change, aliases: after }, i) => {
    expect(revision).toBe(i + 1);
    if (change.alias !== undefined) aliases = { ...aliases, [change.alias]: { digest: change.digest } };
    expect(after).toEqual(aliases);
  });
  expect(history[0]?.aliases.champion).toBeDefined();
}

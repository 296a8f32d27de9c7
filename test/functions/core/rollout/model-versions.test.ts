import { describe, expect, it } from "vitest";
import { MemoryLedger } from "../../../../functions/adapters/memory/memory-ledger.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import type { LedgerEntry } from "../../../../functions/contract/ledger.ts";
import { createModelVersions } from "../../../../functions/core/rollout/model-versions.ts";

const digest = (letter: string) => letter.repeat(64) as ModelDigest;

/** A ledger that counts its reads, and versions over it on a clock of its own. */
function setUp() {
  const ledger = new MemoryLedger();
  let [reads, nowMs, revision] = [0, 0, 0];
  const versions = createModelVersions({
    model: "m",
    ledger: {
      latest: (model) => ledger.latest(model),
      append: (entry) => ledger.append(entry),
      history(model) {
        reads++;
        return ledger.history(model);
      },
    },
    nowMs: () => nowMs,
  });
  return {
    versions,
    reads: () => reads,
    wait: (ms: number) => {
      nowMs += ms;
    },
    append: (change: LedgerEntry["change"], aliases: LedgerEntry["aliases"]) =>
      ledger.append({
        model: "m",
        revision: ++revision,
        at: "2026-01-01T00:00:00.000Z",
        by: "t",
        why: "t",
        change,
        aliases,
      }),
  };
}

const publish = (letter: string) => ({ kind: "publish" as const, digest: digest(letter), sourceDigest: "s" });

describe("model versions", () => {
  it("are every digest that was published, the newest first, each once, and what the aliases name now", async () => {
    const { versions, append } = setUp();
    await append(publish("a"), { champion: { digest: digest("a") } });
    await append(publish("b"), { champion: { digest: digest("a") } });
    await append(publish("a"), { champion: { digest: digest("a") } });
    await append(
      { kind: "alias", alias: "shadow", digest: digest("b") },
      { champion: { digest: digest("a") }, shadow: { digest: digest("b"), sample: 1 } },
    );
    expect(await versions.published()).toEqual([digest("a"), digest("b")]);
    expect(await versions.resolve("champion")).toBe(digest("a"));
    expect(await versions.resolve("shadow")).toBe(digest("b"));
    expect(await versions.resolve(digest("b"))).toBe(digest("b"));
  });

  it.each([
    ["challenger", "model.alias"],
    [digest("c"), "model.version"],
    ["latest", "model.version"],
    ["", "model.version"],
    ["__proto__", "model.version"],
  ])("do not know %s", async (version, code) => {
    const { versions, append } = setUp();
    await append(publish("a"), {});
    await expect(versions.resolve(version)).rejects.toMatchObject({ name: "ModelNotFoundError", code });
  });

  it("are none before the first publish", async () => {
    const { versions } = setUp();
    await expect(versions.published()).rejects.toMatchObject({ code: "model.unknown" });
    await expect(versions.resolve("champion")).rejects.toMatchObject({ code: "model.unknown" });
  });

  it("are read once a second at most, however many unknown ones are asked for, and anew when the clock is set back", async () => {
    const { versions, append, reads, wait } = setUp();
    await append(publish("a"), {});
    for (let i = 0; i < 5; i++) await versions.resolve("nothing").catch(() => undefined);
    expect(reads()).toBe(1);
    await append(publish("b"), {});
    wait(999);
    await expect(versions.resolve(digest("b"))).rejects.toThrow();
    wait(1);
    expect(await versions.resolve(digest("b"))).toBe(digest("b"));
    wait(-5_000);
    await versions.published();
    expect(reads()).toBe(3);
  });
});

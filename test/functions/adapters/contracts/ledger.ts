import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import type { LedgerEntry } from "../../../../functions/contract/ledger.ts";
import type { Ledger } from "../../../../functions/core/rollout/ledger.ts";

/** What every `Ledger` does. @param make - an empty one, for one test. */
export function describeLedger(name: string, make: () => Promise<Ledger>): void {
  describe(`${name} as a ledger`, () => {
    it("has no newest entry of a model that was never published", async () => {
      const ledger = await make();
      expect(await ledger.latest("m")).toBeUndefined();
      expect(await ledger.history("m")).toEqual([]);
    });

    it("gives back an entry as it was appended", async () => {
      const ledger = await make();
      const unmoved: LedgerEntry = {
        ...publishEntry(1),
        change: { kind: "alias", alias: "shadow" },
        aliases: {},
      };
      await ledger.append(publishEntry(2));
      await ledger.append(unmoved);
      expect(await ledger.history("m")).toEqual([publishEntry(2), unmoved]);
    });

    it("knows the newest entry by its number, also past ten", async () => {
      const ledger = await make();
      for (let revision = 1; revision <= 11; revision++) await ledger.append(publishEntry(revision));
      expect((await ledger.latest("m"))?.revision).toBe(11);
      expect((await ledger.history("m", { limit: 3 })).map((entry) => entry.revision)).toEqual([11, 10, 9]);
      expect(await ledger.history("m")).toHaveLength(11);
    });

    it("keeps models apart", async () => {
      const ledger = await make();
      await ledger.append(publishEntry(1));
      await ledger.append({ ...publishEntry(1), model: "m-2" });
      expect((await ledger.latest("m-2"))?.model).toBe("m-2");
      expect(await ledger.history("m")).toHaveLength(1);
    });

    it("refuses a revision that exists and leaves it as it was", async () => {
      const ledger = await make();
      await ledger.append(publishEntry(1));
      await expect(ledger.append({ ...publishEntry(1), by: "late" })).rejects.toMatchObject({
        name: "ConflictError",
        code: "dependency.conflict",
        retryable: false,
      });
      expect(await ledger.latest("m")).toEqual(publishEntry(1));
    });

    it("lets exactly one of several writers of a revision through", async () => {
      const ledger = await make();
      const writers = ["a", "b", "c", "d"].map((by) => ledger.append({ ...publishEntry(1), by }));
      const results = await Promise.allSettled(writers);
      expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
      const winner = results.findIndex((result) => result.status === "fulfilled");
      expect((await ledger.latest("m"))?.by).toBe("abcd"[winner]);
    });
  });
}

export function publishEntry(revision: number): LedgerEntry {
  const digest = revision.toString(16).padStart(64, "0") as ModelDigest;
  return {
    model: "m",
    revision,
    at: "2026-01-01T00:00:00.000Z",
    by: "arn:aws:iam::000000000000:user/ann",
    why: "first version — “good enough”",
    change: { kind: "publish", digest, sourceDigest: "s", alias: "champion" },
    aliases: { champion: { digest } },
  };
}

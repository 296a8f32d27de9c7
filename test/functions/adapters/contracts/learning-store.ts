import { describe, expect, it } from "vitest";
import type { LearningRecord, LearningStore } from "../../../../functions/core/train/loop/learning-record.ts";

/** What every `LearningStore` does. @param make - an empty one, for one test. */
export function describeLearningStore(name: string, make: () => Promise<LearningStore>): void {
  describe(`${name} as a learning store`, () => {
    it("knows nothing of a model that never learnt", async () => {
      expect(await (await make()).read("m")).toBeUndefined();
    });

    it("gives back a record as it was written, revision after revision", async () => {
      const store = await make();
      await store.write("m", recordOf(1));
      expect(await store.read("m")).toEqual(recordOf(1));
      const ended: LearningRecord = {
        revision: 2,
        ended: [
          {
            ...recordOf(1).running!,
            ...{ endedAt: "2001-01-31T10:00:00.000Z", end: "promoted", why: "log-loss “0.5” < 0.6" },
            ...{ rows: 12_345, seconds: 67.5, dollars: 0.0125 },
          },
        ],
      };
      await store.write("m", ended);
      expect(await store.read("m")).toEqual(ended);
    });

    it("keeps models apart, also where one's name begins with another's", async () => {
      const store = await make();
      await store.write("m", recordOf(1));
      await store.write("m-2", recordOf(1, "bob"));
      expect([await store.read("m"), await store.read("m-2")]).toEqual([recordOf(1), recordOf(1, "bob")]);
    });

    it.each([
      ["stands already", [1], 1],
      ["is older than what stands", [1, 2, 3], 2],
      ["leaves one out", [1], 3],
      ["is not the first of a model", [], 2],
    ])("refuses a revision that %s", async (_, written, revision) => {
      const store = await make();
      for (const each of written) await store.write("m", recordOf(each));
      const before = await store.read("m");
      await expect(store.write("m", recordOf(revision, "late"))).rejects.toMatchObject({
        name: "ConflictError",
        code: "dependency.conflict",
        retryable: false,
      });
      expect(await store.read("m")).toEqual(before);
    });

    it.each([1, 2])("lets exactly one of several writers of revision %i through", async (revision) => {
      const store = await make();
      if (revision > 1) await store.write("m", recordOf(1));
      const writers = ["a", "b", "c", "d"].map((by) => store.write("m", recordOf(revision, by)));
      const results = await Promise.allSettled(writers);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const winner = results.findIndex(({ status }) => status === "fulfilled");
      expect((await store.read("m"))?.running?.by).toBe("abcd"[winner]);
    });

    it("does not share a record with the caller", async () => {
      const store = await make();
      const record = recordOf(1);
      await store.write("m", record);
      record.running!.by = "changed";
      (await store.read("m"))!.running!.by = "changed as well";
      expect(await store.read("m")).toEqual(recordOf(1));
    });
  });
}

export function recordOf(revision: number, by = "ann"): LearningRecord {
  return {
    revision,
    running: {
      execution: `m-20010131-${revision}`,
      reason: "person",
      by,
      startedAt: "2001-01-31T09:00:00.000Z",
    },
    ended: [],
  };
}

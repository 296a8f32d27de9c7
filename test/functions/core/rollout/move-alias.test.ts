import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DynamoLedger } from "../../../../functions/adapters/aws/dynamo-ledger.ts";
import { MemoryLedger } from "../../../../functions/adapters/memory/memory-ledger.ts";
import type { LedgerEntry } from "../../../../functions/contract/ledger.ts";
import { ConflictError } from "../../../../functions/core/errors.ts";
import type { Ledger } from "../../../../functions/core/rollout/ledger.ts";
import { moveAlias } from "../../../../functions/core/rollout/move-alias.ts";
import { followUp, type Move } from "../../../../functions/core/rollout/moves.ts";
import { instantRetry } from "../../adapters/aws/serve-aws.ts";
import { serveTable } from "../../adapters/aws/served-tables.ts";
import { digests, itReproducesEveryState } from "./alias-history.ts";

const [a, b, c, d] = digests as [
  (typeof digests)[0],
  (typeof digests)[0],
  (typeof digests)[0],
  (typeof digests)[0],
];
const day = Date.parse("2001-01-31T00:00:00Z");

async function serveLedger(): Promise<Ledger> {
  const { tables, table } = await serveTable({ partition: ["model", "S"], sort: ["revision", "N"] });
  return new DynamoLedger({ client: tables, table, retry: instantRetry() });
}

/** Four versions, the first of which is champion. */
async function publishAll(ledger: Ledger): Promise<void> {
  for (const digest of digests) {
    const newest = await ledger.latest("m");
    const change = { kind: "publish" as const, digest, sourceDigest: "s" };
    const aliases = newest?.aliases ?? { champion: { digest } };
    const note = { model: "m", by: "ada", why: "published", nowMs: day };
    await ledger.append(followUp(newest, note, { change, aliases }));
  }
}

describe("the memory ledger", () => {
  itReproducesEveryState(async () => new MemoryLedger(), 300);
});

describe("the ledger in a table", () => {
  itReproducesEveryState(serveLedger, 10);
});

describe.each([
  ["memory", async (): Promise<Ledger> => new MemoryLedger()],
  ["table", serveLedger],
])("moveAlias on the ledger in %s", (_, make) => {
  it("lets exactly one of two concurrent moves through, and tells the other who was first and what is live", async () => {
    const ledger = await make();
    await publishAll(ledger);
    const barrier = createBarrier(2);
    const move = (by: string, wanted: Move) =>
      moveAlias({
        ...{ ledger, model: "m", move: wanted, by, why: `${by}'s reason`, now: () => day },
        check: barrier,
      });
    const results = await Promise.allSettled([
      move("ada", { kind: "promote", version: b }),
      move("bob", { kind: "share", version: c, share: 0.2 }),
    ]);
    const won = results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const lost = results.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
    expect(won.map(({ outcome, entry }) => [outcome, entry.revision])).toEqual([["moved", 5]]);
    expect(lost).toHaveLength(1);
    const [error] = lost as [ConflictError];
    expect(error).toBeInstanceOf(ConflictError);
    expect(error.code).toBe("dependency.conflict");
    expect(error.details).toMatchObject({ winner: won[0]!.entry, live: won[0]!.entry });
    const told = {
      ada: `model "m": got revision 5 by ada, who made bbbbbbbbbbbb champion at 2001-01-31T00:00:00.000Z (ada's reason), expected revision 4 to be the newest; nothing was moved, live now: champion bbbbbbbbbbbb; move again if it is still wanted`,
      bob: `model "m": got revision 5 by bob, who made cccccccccccc challenger with 20 % at 2001-01-31T00:00:00.000Z (bob's reason), expected revision 4 to be the newest; nothing was moved, live now: champion aaaaaaaaaaaa, challenger cccccccccccc (20 %); move again if it is still wanted`,
    };
    expect(error.message).toBe(told[won[0]!.entry.by as "ada" | "bob"]);
    expect((await ledger.history("m"))[0]).toEqual(won[0]!.entry);
    expect(await ledger.history("m")).toHaveLength(5);
  });

  it("writes nothing where the aliases stand so already", async () => {
    const ledger = await make();
    await publishAll(ledger);
    const move = (wanted: Move) =>
      moveAlias({ ledger, model: "m", move: wanted, by: "ada", why: "a test", now: () => day });
    await move({ kind: "share", version: "bbbbbb", share: 0.2 });
    for (const same of [
      { kind: "share", version: b, share: 0.2 },
      { kind: "share", version: "challenger", share: 0.2 },
      { kind: "promote", version: a },
      { kind: "stop", alias: "shadow" },
    ] satisfies Move[])
      expect(await move(same)).toMatchObject({ outcome: "unchanged", entry: { revision: 5 } });
    expect(await ledger.history("m")).toHaveLength(5);
    expect((await move({ kind: "share", version: b, share: 0.3 })).outcome).toBe("moved");
  });
});

describe("moveAlias", () => {
  it("keeps one history however moves interleave: what was told to be moved is in it, who lost names who won", async () => {
    const move = fc.oneof(
      fc.constantFrom(...digests).map((version): Move => ({ kind: "promote", version })),
      fc.constantFrom(...digests).map((version): Move => ({ kind: "share", version, share: 0.5 })),
      fc.constant<Move>({ kind: "rollback" }),
      fc.constant<Move>({ kind: "stop", alias: "challenger" }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(move, { minLength: 2, maxLength: 6 }),
        async (scheduler, moves) => {
          const ledger = new MemoryLedger();
          await publishAll(ledger);
          const slow = interleaved(ledger, scheduler);
          const running = Promise.allSettled(
            moves.map((each, i) =>
              moveAlias({ ledger: slow, model: "m", move: each, by: `${i}`, why: "a test", now: () => day }),
            ),
          );
          const results = await scheduler.waitFor(running);
          const history = (await ledger.history("m")).toReversed();
          const written = results.flatMap((each) =>
            each.status === "fulfilled" && each.value.outcome === "moved" ? [each.value.entry] : [],
          );
          expect(written.sort((x, y) => x.revision - y.revision)).toEqual(history.slice(4));
          for (const each of results) {
            if (each.status === "fulfilled" || !(each.reason instanceof ConflictError)) continue;
            const winner = each.reason.details.winner as LedgerEntry;
            expect(history[winner.revision - 1]).toEqual(winner);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("asks the check what it is about to do, writes its remark, and nothing where it refuses", async () => {
    const ledger = new MemoryLedger();
    await publishAll(ledger);
    const options = { ledger, model: "m", by: "ada", why: "better", now: () => day };
    const move: Move = { kind: "promote", version: d };
    const asked: number[] = [];
    await expect(
      moveAlias({ ...options, move, check: () => Promise.reject(new Error("cold")) }),
    ).rejects.toThrow("cold");
    expect(await ledger.history("m")).toHaveLength(4);
    const { entry, before, advice } = await moveAlias({
      ...options,
      move,
      check: async (planned) => {
        asked.push(planned.entry.revision, planned.history.length);
        return { remark: "cold: v", advice: ["fill v"] };
      },
    });
    expect(asked).toEqual([5, 4]);
    expect(entry.why).toBe("better (cold: v)");
    expect(before.revision).toBe(4);
    expect(advice).toEqual(["fill v"]);
    expect(await ledger.latest("m")).toEqual(entry);
  });
});

/** Lets nobody go on before so many are there. */
function createBarrier(count: number): () => Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let waiting = 0;
  return () => {
    if (++waiting === count) resolve(undefined);
    return promise;
  };
}

/** The ledger with its answers in whatever order the scheduler likes. */
function interleaved(ledger: Ledger, scheduler: fc.Scheduler): Ledger {
  const later = () => scheduler.schedule(Promise.resolve());
  return {
    latest: (model) => later().then(() => ledger.latest(model)),
    history: (model, options) => later().then(() => ledger.history(model, options)),
    append: (entry) => later().then(() => ledger.append(entry)),
  };
}

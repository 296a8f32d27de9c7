import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DependencyError, InputError } from "../../../functions/core/errors.ts";
import {
  type Call,
  dayMs,
  declaration,
  execution,
  hourMs,
  isoOf,
  model,
  setUp,
  startMs,
  weighed,
} from "./set-up.ts";

type Stage = Awaited<ReturnType<typeof setUp>>;

const none = "none" as const;

async function challenge(stage: Stage): Promise<string> {
  const { act, digest, clock } = stage;
  await act({ action: "shadow", digest });
  clock.nowMs += hourMs;
  return String((await act({ action: "challenge", digest })).deadline);
}

describe("trying a version live", () => {
  it("goes by shadow, share and verdict to champion, each step one entry of the ledger", async () => {
    const stage = await setUp();
    const { act, digest, champion, live, own, judge, clock } = stage;
    expect(await act({ action: "shadow", digest })).toEqual({ until: isoOf(startMs + hourMs) });
    expect(await live()).toEqual({ champion: { digest: champion }, shadow: { digest, sample: 1 } });
    clock.nowMs += hourMs;
    const deadline = isoOf(startMs + hourMs + 7 * dayMs);
    expect(await act({ action: "challenge", digest })).toEqual({ deadline });
    expect(await live()).toEqual({ champion: { digest: champion }, challenger: { digest, share: 0.1 } });
    expect(await act({ action: "check", digest, deadline, approval: none })).toMatchObject({
      decision: "wait",
    });
    await judge(-0.1);
    const checked = await act({ action: "check", digest, deadline, approval: none });
    expect(checked).toMatchObject({ decision: "promote", why: expect.stringContaining("better") });
    expect(await act({ action: "promote", digest, why: "better" })).toEqual({
      end: "promoted",
      why: "better",
    });
    expect(await live()).toEqual({ champion: { digest } });
    expect(await own()).toEqual(["shadow", "share", "promote"]);
  });

  it.each([
    { action: "shadow", before: async () => {} },
    {
      action: "challenge",
      before: async ({ act, digest }: Stage) => void (await act({ action: "shadow", digest })),
    },
    { action: "promote", before: async (stage: Stage) => void (await challenge(stage)) },
    { action: "rollBack", before: async (stage: Stage) => void (await challenge(stage)) },
    {
      action: "hold",
      before: async ({ act, digest }: Stage) => void (await act({ action: "shadow", digest })),
    },
    { action: "giveUp", before: async (stage: Stage) => void (await challenge(stage)) },
  ] as const)(
    "$action comes to one end, run twice, and killed behind its write",
    async ({ action, before }) => {
      const ends = [];
      for (const isKilled of [false, true]) {
        const stage = await setUp();
        await before(stage);
        const { act, digest, ledger, clock, live, own } = stage;
        const call: Call =
          action === "giveUp"
            ? { action, error: { Error: "Boom", Cause: "" } }
            : action === "shadow" || action === "challenge"
              ? { action, digest }
              : { action, digest, why: "because" };
        const written = (await own()).length;
        ledger.isAnswerLost = isKilled;
        if (isKilled) await expect(act(call)).rejects.toThrow(DependencyError);
        const first = await act(call);
        // Time goes on between two runs, and the answer is that of the first.
        clock.nowMs += 60_000;
        expect(await act(call)).toEqual(first);
        expect((await own()).length).toBe(written + 1);
        ends.push({ first, live: await live(), own: await own() });
      }
      expect(ends[1]).toEqual(ends[0]);
    },
  );

  it("does not put back what was taken off, when a step runs again", async () => {
    const stage = await setUp();
    const { act, digest, person, live, champion } = stage;
    const deadline = await challenge(stage);
    await person({ kind: "stop", alias: "challenger" }, "guard", "alarm");
    await act({ action: "shadow", digest });
    await act({ action: "challenge", digest });
    expect(await live()).toEqual({ champion: { digest: champion } });
    expect(await act({ action: "check", digest, deadline, approval: none })).toEqual({
      decision: "rollBack",
      why: "guard took it off (alarm)",
    });
    expect(await act({ action: "rollBack", digest, why: "guard" })).toEqual({
      end: "rolledBack",
      why: "guard",
    });
  });

  it.each(["shadow", "challenger"] as const)(
    "touches nothing where a person's version is %s",
    async (alias) => {
      const { act, digest, publish, person, live, own, clock } = await setUp();
      const theirs = await publish(weighed(3), "Ann", "mine");
      await person(
        alias === "shadow"
          ? { kind: "shadow", version: theirs, sample: 0.5 }
          : { kind: "share", version: theirs, share: 0.5 },
      );
      const before = await live();
      clock.nowMs += 1000;
      const now = isoOf(clock.nowMs);
      expect(await act({ action: "shadow", digest })).toEqual({ until: now });
      expect(await act({ action: "challenge", digest })).toEqual({ deadline: now });
      const checked = await act({ action: "check", digest, deadline: now, approval: none });
      expect(checked).toMatchObject({ decision: "hold", why: expect.stringContaining(`${alias}, by Ann`) });
      expect(await act({ action: "hold", digest, why: "theirs" })).toEqual({ end: "held", why: "theirs" });
      expect([await live(), await own()]).toEqual([before, []]);
    },
  );

  it("shares no more, and answers as before, when a person made it a shadow again", async () => {
    const stage = await setUp();
    const { act, digest, person, live } = stage;
    const deadline = await challenge(stage);
    await person({ kind: "shadow", version: digest, sample: 0.5 });
    expect(await act({ action: "challenge", digest })).toEqual({ deadline });
    expect(await live()).toMatchObject({ shadow: { digest, sample: 0.5 } });
  });

  it("promotes once: a rollback stands when the step runs again", async () => {
    const stage = await setUp();
    const { act, digest, champion, person, live } = stage;
    await challenge(stage);
    const first = await act({ action: "promote", digest, why: "better" });
    await person({ kind: "rollback" });
    expect(await act({ action: "promote", digest, why: "better" })).toEqual(first);
    expect(await live()).toEqual({ champion: { digest: champion } });
  });

  it("puts its version in the place of one that an earlier execution left", async () => {
    const { act, digest, publish, live, champion } = await setUp();
    const earlier = await publish(weighed(3), "learning", "execution earlier: better");
    await act({ action: "shadow", digest: earlier }, "earlier");
    await act({ action: "challenge", digest: earlier }, "earlier");
    await act({ action: "shadow", digest });
    await act({ action: "challenge", digest });
    expect(await live()).toEqual({ champion: { digest: champion }, challenger: { digest, share: 0.1 } });
  });

  it("gives no share to a shadow that is found worse, and takes it off", async () => {
    const { act, digest, judge, live, champion, clock } = await setUp();
    await act({ action: "shadow", digest });
    await judge(0.2, { role: "shadow" });
    const { deadline } = await act({ action: "challenge", digest });
    expect(deadline).toBe(isoOf(clock.nowMs));
    expect(await live()).toMatchObject({ shadow: { digest } });
    const checked = await act({ action: "check", digest, deadline: String(deadline), approval: none });
    expect(checked).toMatchObject({ decision: "rollBack", why: expect.stringContaining("as shadow") });
    await act({ action: "rollBack", digest, why: "worse" });
    expect(await live()).toEqual({ champion: { digest: champion } });
  });

  it("does not try a version that no longer fits beside the champion", async () => {
    const { act, digest, publish, own } = await setUp();
    const other = declaration({
      outcome: { on: { kind: "end" }, id: "id", label: { from: "late", above: 0 }, within: "1d" },
    });
    await publish(weighed(5), "Ann", "another truth", "champion", other);
    const { until } = await act({ action: "shadow", digest });
    const checked = await act({ action: "check", digest, deadline: String(until), approval: none });
    expect(checked).toMatchObject({ decision: "hold", why: expect.stringContaining("does not fit") });
    expect(await own()).toEqual([]);
  });

  it("keeps to what a person decided between the check and the write", async () => {
    for (const [move, by, end] of [
      [{ kind: "stop", alias: "challenger" }, "guard", "rolledBack"],
      [{ kind: "shadow", version: "challenger", sample: 1 }, "Ann", "held"],
      [{ kind: "promote", version: "challenger" }, "Ann", "promoted"],
    ] as const) {
      const stage = await setUp();
      const { act, digest, ledger, person, live, own } = stage;
      await challenge(stage);
      ledger.beforeAppend = async () => {
        ledger.beforeAppend = async () => {};
        await person(move, by);
      };
      expect(await act({ action: "promote", digest, why: "better" })).toMatchObject({ end });
      expect((await live()).champion?.digest === digest).toBe(end === "promoted");
      expect(await own()).toEqual(["shadow", "share"]);
    }
  });

  it("leaves a champion that a person made of it, whatever it was about to do", async () => {
    for (const call of [
      { action: "rollBack", why: "worse" },
      { action: "hold", why: "late" },
      { action: "giveUp", error: { Error: "Boom" } },
    ] as const) {
      const stage = await setUp();
      const { act, digest, person, live } = stage;
      await challenge(stage);
      await person({ kind: "promote", version: "challenger" });
      await act({ digest, ...call } as Call);
      expect(await live()).toEqual({ champion: { digest } });
    }
  });

  it("leaves the challenger as it is on hold, and takes its own shadow off", async () => {
    const stage = await setUp();
    const { act, digest, live, champion } = stage;
    await act({ action: "shadow", digest });
    expect(await act({ action: "hold", digest, why: "late" })).toEqual({ end: "held", why: "late" });
    expect(await live()).toEqual({ champion: { digest: champion } });
    const other = await setUp();
    await challenge(other);
    await other.act({ action: "hold", digest: other.digest, why: "late" });
    expect(await other.live()).toMatchObject({ challenger: { digest: other.digest, share: 0.1 } });
  });

  it("ends when others are first at every attempt", async () => {
    const { act, digest, ledger, publish } = await setUp();
    let weight = 10;
    ledger.beforeAppend = async () => void (await publish(weighed(++weight), "Ann", "busy"));
    await expect(act({ action: "shadow", digest })).rejects.toMatchObject({ code: "dependency.conflict" });
    expect(weight).toBe(20);
  });
});

describe("giving up", () => {
  it("takes off what the execution put beside the champion, and nothing of others", async () => {
    const stage = await setUp();
    const { act, publish, person, live, champion } = stage;
    await act({ action: "shadow", digest: stage.digest });
    const theirs = await publish(weighed(3), "Ann", "mine");
    await person({ kind: "share", version: theirs, share: 0.5 });
    const error = { Error: "ModelRunError", Cause: JSON.stringify({ errorMessage: "all rows failed" }) };
    expect(await act({ action: "giveUp", error })).toEqual({
      end: "failed",
      why: "ModelRunError: all rows failed",
    });
    expect(await live()).toEqual({
      champion: { digest: champion },
      challenger: { digest: theirs, share: 0.5 },
    });
  });

  it("does nothing for an execution that came to nothing, and tells a promotion that stands", async () => {
    const stage = await setUp();
    const { act, digest, live, champion } = stage;
    const timeout = { action: "giveUp", error: { Error: "States.Timeout", Cause: "" } } as const;
    expect(await act(timeout, "other")).toEqual({ end: "failed", why: "States.Timeout" });
    expect(await live()).toEqual({ champion: { digest: champion } });
    await challenge(stage);
    await act({ action: "promote", digest, why: "better" });
    expect(await act(timeout)).toEqual({ end: "promoted", why: "then: States.Timeout" });
    expect(await live()).toEqual({ champion: { digest } });
  });
});

describe("telling people", () => {
  const ended: Call = {
    action: "notify",
    end: "promoted",
    why: "better",
    rows: 900,
    spent: [
      { step: "train", seconds: 100, dollarsPerSecond: 0.0001 },
      { step: "evaluate", seconds: 20, dollarsPerSecond: 0.00005 },
      { step: "register", seconds: 0, dollarsPerSecond: 1 },
    ],
  };

  it("ends the execution in the record before it tells what it came to", async () => {
    const { act, deps } = await setUp();
    const run = { execution, reason: "schedule" as const, by: "test", startedAt: isoOf(startMs) };
    await deps.records.write(model, { revision: 1, running: run, ended: [] });
    await act(ended);
    await act(ended);
    const record = await deps.records.read(model);
    expect(record).toMatchObject({
      revision: 2,
      ended: [{ ...run, end: "promoted", rows: 900, seconds: 120 }],
    });
    expect(record?.ended[0]?.dollars).toBeCloseTo(0.011, 12);
    expect(record?.running).toBeUndefined();
    // Told twice is better than not told.
    expect(deps.notices.sent).toHaveLength(2);
    expect(deps.notices.sent[0]!.subject).toBe("Headrace dev: retraining of m promoted a new champion");
    expect(deps.notices.sent[0]!.text).toContain("estimated dollars: 0.0110");
    expect(deps.notices.sent[0]!.text).toContain("seconds of functions: 120.0 (train 100.0, evaluate 20.0)");
  });

  it("leaves the record of another execution as it is", async () => {
    const { act, deps } = await setUp();
    const run = { execution: "other", reason: "schedule" as const, by: "test", startedAt: isoOf(startMs) };
    await deps.records.write(model, { revision: 1, running: run, ended: [] });
    await act(ended);
    expect(await deps.records.read(model)).toEqual({ revision: 1, running: run, ended: [] });
    expect(deps.notices.sent).toHaveLength(1);
  });

  it("asks for an approval by the command that gives it", async () => {
    const { act, deps, digest } = await setUp();
    await act({ action: "ask", digest, why: "it is better" });
    expect(deps.notices.sent[0]!.text).toContain(
      `npm run models -- promote m ${digest.slice(0, 12)} --stage dev`,
    );
  });
});

describe("the input", () => {
  it.each([
    [{}, /action/],
    [{ action: "shadow", model, execution }, /digest/],
    [{ action: "shadow", model: "other", execution, digest: "d" }, /model "other", expected "m"/],
  ])("%j is refused with what is wrong", async (event, message) => {
    const { deps } = await setUp();
    const { rollOut } = await import("../../../functions/rollout/roll-out.ts");
    await expect(rollOut(event, deps)).rejects.toThrow(InputError);
    await expect(rollOut(event, deps)).rejects.toThrow(message);
  });
});

describe("a poisoned version", () => {
  const event = fc.constantFrom(
    "check",
    "kill",
    "later",
    "guard",
    "shadow",
    "challenge",
    "share",
    "otherChampion",
  );

  it("never becomes champion, whatever comes between the steps", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), fc.boolean(), async (events, isSeenEarly) => {
        // By the policy that lets most through.
        const stage = await setUp({ training: { canary: { atDeadline: "promote" } } });
        const { act, digest, judge, ledger, clock, person, publish } = stage;
        await judge(0.2);
        if (isSeenEarly) await judge(0.2, { role: "shadow" });
        await act({ action: "shadow", digest });
        let deadline = isoOf(clock.nowMs + 8 * dayMs);
        for (const each of [...events, "challenge", "check", "later", "check"] as const) {
          if (each === "kill") ledger.isAnswerLost = true;
          if (each === "later") clock.nowMs += 5 * dayMs;
          if (each === "guard")
            await person({ kind: "stop", alias: "challenger" }, "guard").catch(inputErrors);
          if (each === "share")
            await person({ kind: "share", version: digest, share: 0.5 }).catch(inputErrors);
          if (each === "otherChampion") await publish(weighed(7), "Ann", "new", "champion");
          if (each === "shadow") await act({ action: "shadow", digest }).catch(killed);
          if (each === "challenge") {
            const challenged = await act({ action: "challenge", digest }).catch(killed);
            if (challenged !== undefined) deadline = String(challenged.deadline);
          }
          if (each === "check") {
            const { decision } = await act({ action: "check", digest, deadline, approval: none });
            expect(decision).not.toBe("promote");
            if (decision === "rollBack" || decision === "hold")
              await act({ action: decision, digest, why: "found" }).catch(killed);
          }
        }
        const champions = (await ledger.history(model)).map(({ aliases }) => aliases.champion?.digest);
        expect(champions).not.toContain(digest);
      }),
      { numRuns: 40 },
    );
  });

  function killed(error: unknown): undefined {
    if (!(error instanceof DependencyError)) throw error;
  }

  function inputErrors(error: unknown): undefined {
    if (!(error instanceof InputError)) throw error;
  }
});

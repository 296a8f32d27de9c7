import { describe, expect, it } from "vitest";
import { MemoryLearningStore } from "../../../functions/adapters/memory/memory-learning-store.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import { endRun } from "../../../functions/core/train/loop/end-run.ts";
import type { LearningRun } from "../../../functions/core/train/loop/learning-record.ts";
import { type RetrainDeps, retrain } from "../../../functions/retrain/retrain.ts";

const startMs = Date.UTC(2001, 1, 1);
const hourMs = 3_600_000;

function setUp() {
  const clock = { nowMs: startMs };
  const store = new MemoryLearningStore();
  const started: LearningRun[] = [];
  const ended = new Set<string>();
  const state = { isDown: false };
  const workflow: RetrainDeps["workflow"] = {
    async start(run) {
      if (state.isDown) throw new DependencyError("down", { code: "dependency.unavailable" });
      if (!started.some(({ execution }) => execution === run.execution)) started.push(run);
    },
    async status(execution) {
      if (ended.has(execution)) return "ended";
      return started.some((run) => run.execution === execution) ? "running" : "unknown";
    },
  };
  const deps: RetrainDeps = {
    ...{ model: "m", store, workflow, logger: new MemoryLogger(), now: () => clock.nowMs },
    rules: { coolDownHours: 24, mostPerMonth: 3 },
  };
  const ask = (reason: LearningRun["reason"] = "schedule", by = "test") => retrain({ reason, by }, deps);
  const finish = async (execution: string) => {
    const noted = endRun(await store.read("m"), {
      ...{ execution, endedAt: new Date(clock.nowMs).toISOString(), end: "promoted", why: "better" },
    });
    await store.write("m", noted!);
    ended.add(execution);
  };
  return { clock, store, started, ended, state, ask, finish };
}

describe("retrain", () => {
  it("makes one execution of two schedules, an alarm and a person in the same minute, and tells the others", async () => {
    const { ask, started } = setUp();
    const answers = await Promise.all([
      ask("schedule", "one"),
      ask("schedule", "two"),
      ask("drift"),
      ask("person", "ada"),
    ]);
    expect(started).toHaveLength(1);
    const [{ execution }] = started as [LearningRun];
    expect(answers.filter((answer) => answer.started)).toEqual([{ started: true, execution }]);
    const told = answers.filter((answer) => !answer.started);
    expect(told).toHaveLength(3);
    for (const each of told)
      expect(each).toMatchObject({ execution, why: expect.stringContaining(execution) });
  });

  it("starts the next once the one before has ended", async () => {
    const { ask, finish, started } = setUp();
    await ask();
    await finish(started[0]!.execution);
    expect(await ask()).toMatchObject({ started: true });
    expect(new Set(started.map(({ execution }) => execution)).size).toBe(2);
  });

  it("starts what was named and never started, under its name", async () => {
    const { ask, state, started } = setUp();
    state.isDown = true;
    await expect(ask("person", "ada")).rejects.toThrow("down");
    state.isDown = false;
    const answer = await ask("schedule");
    expect(started).toMatchObject([{ by: "ada", reason: "person" }]);
    expect(answer).toMatchObject({ started: false, execution: started[0]!.execution });
  });

  it("goes on after an execution that ended without a word, and keeps that in its record", async () => {
    const { ask, ended, started, store } = setUp();
    await ask();
    ended.add(started[0]!.execution);
    expect(await ask()).toMatchObject({ started: true });
    expect((await store.read("m"))!.ended).toMatchObject([
      { execution: started[0]!.execution, end: "failed" },
    ]);
  });

  it("lets alarms start none within the cool-down of another, to the millisecond, but people and schedules", async () => {
    const { ask, finish, started, clock } = setUp();
    await ask();
    await finish(started[0]!.execution);
    clock.nowMs = startMs + 24 * hourMs - 1;
    expect(await ask("accuracy")).toMatchObject({ started: false, why: expect.stringContaining("24 h") });
    clock.nowMs++;
    expect(await ask("drift")).toMatchObject({ started: true });
    await finish(started[1]!.execution);
    expect(await ask("person")).toMatchObject({ started: true });
  });

  it("lets alarms start none beyond the month's budget, and again when the month is over", async () => {
    const { ask, finish, started, clock } = setUp();
    for (let day = 0; day < 3; day++) {
      clock.nowMs = startMs + day * 48 * hourMs;
      await ask("drift");
      await finish(started.at(-1)!.execution);
    }
    clock.nowMs = startMs + 20 * 24 * hourMs;
    expect(await ask("drift")).toMatchObject({ started: false, why: expect.stringContaining("30 days") });
    clock.nowMs = startMs + 31 * 24 * hourMs;
    expect(await ask("drift")).toMatchObject({ started: true });
  });

  it("names executions within what a workflow takes", async () => {
    const { started, ...stage } = setUp();
    await stage.ask();
    expect(started[0]!.execution).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
  });
});

describe("endRun", () => {
  it("notes an end once, and none of an execution that does not run", async () => {
    const { ask, finish, started, store } = setUp();
    await ask();
    const { execution } = started[0]!;
    const end = { execution, endedAt: "2001-02-01T01:00:00.000Z", end: "held", why: "no verdict" } as const;
    expect(endRun(await store.read("m"), { ...end, execution: "other" })).toBeUndefined();
    await finish(execution);
    expect(endRun(await store.read("m"), end)).toBeUndefined();
  });
});

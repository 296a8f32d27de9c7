import { describe, expect, it } from "vitest";
import { ConflictError } from "../../../functions/core/errors.ts";
import { alarmEvent, at, setUp } from "./set-up.ts";

const fired = alarmEvent("MemoryUsedRatio", { dimensions: { Stage: "dev", Model: "m", Function: "f" } });
const before = { ORT: "1", HEADRACE_MODEL: "m" };

describe("an alarm about memory", () => {
  it("changes one variable of the function and keeps all others", async () => {
    const { send, functions, said } = setUp();
    await send(fired);
    expect(functions.configured.get("f")).toEqual({
      variables: { ...before, HEADRACE_RECYCLED: at(100) },
      revision: "r+",
    });
    expect(said()).toMatchObject([{ level: "warn", function: "f", at: at(100) }]);
  });

  it("recycles a function once in a quarter of an hour, and says what to do instead", async () => {
    const { send, functions, clock, said } = setUp();
    for (const seconds of [100, 101, 100 + 899, 100 + 900]) {
      clock.seconds = seconds;
      await send(fired);
    }
    expect(functions.writes).toBe(2);
    expect(functions.configured.get("f")?.variables.HEADRACE_RECYCLED).toBe(at(1000));
    expect(said().slice(1, 3)).toMatchObject(
      Array(2).fill({ message: "memory is short again; give the function more", recycledAt: at(100) }),
    );
  });

  it.each(["", "once"])("takes %j for no time at all", async (HEADRACE_RECYCLED) => {
    const { send, functions } = setUp();
    functions.configured.set("f", { variables: { HEADRACE_RECYCLED }, revision: "r" });
    await send(fired);
    expect(functions.writes).toBe(1);
  });

  it("keeps what somebody else changed between reading and writing", async () => {
    const { send, functions, waits } = setUp();
    functions.beforeWrite = (write) => {
      if (write === 1) functions.configured.set("f", { variables: { theirs: "2" }, revision: "s" });
    };
    await send(fired);
    expect(functions.configured.get("f")?.variables).toEqual({ theirs: "2", HEADRACE_RECYCLED: at(100) });
    expect(waits).toEqual([1]);
  });

  it("leaves it at another guard's recycling, and at its own whose answer was lost", async () => {
    const { send, functions } = setUp();
    functions.beforeWrite = () => {
      functions.configured.set("f", { variables: { HEADRACE_RECYCLED: at(99) }, revision: "s" });
    };
    await send(fired);
    expect(functions.configured.get("f")?.variables).toEqual({ HEADRACE_RECYCLED: at(99) });
    expect(functions.writes).toBe(1);
  });

  it("fails, to be delivered again, when the function is being changed for long", async () => {
    const { send, functions, waits } = setUp();
    functions.beforeWrite = () => {
      throw new ConflictError("in progress", { code: "dependency.conflict" });
    };
    await expect(send(fired)).rejects.toThrow(ConflictError);
    expect(waits).toEqual([1, 2, 3, 4]);
  });

  it("changes nothing where it names no function", async () => {
    const { send, functions, said } = setUp();
    await send(alarmEvent("MemoryUsedRatio"));
    expect(functions.writes).toBe(0);
    expect(said()).toMatchObject([{ level: "error", model: "m" }]);
  });
});

import { describe, expect, it } from "vitest";
import { ConflictError, DependencyError } from "../../../functions/core/errors.ts";
import { alarmEvent, another, at, challenge, challenger, champion, setUp } from "./set-up.ts";

const fired = alarmEvent("ChallengerStopped");

describe("an alarm about the challenger", () => {
  it.each(["ChallengerErrors", "ChallengerStopped"])("of %s stops it in the ledger", async (metric) => {
    const { send, ledger, said } = setUp();
    await challenge(ledger, 0, challenger);
    await send(alarmEvent(metric));
    expect(await ledger.latest("m")).toEqual({
      ...{ model: "m", revision: 2, at: at(100), by: "guard" },
      why: `alarm the-alarm: ${fired.alarmData.state.reason}`,
      change: { kind: "alias", action: "stop", alias: "challenger" },
      aliases: { champion: { digest: champion } },
    });
    expect(said()).toMatchObject([{ level: "warn", model: "m", digest: challenger, revision: 2 }]);
  });

  it("does nothing anew when it is delivered again", async () => {
    const { send, ledger, said } = setUp();
    await challenge(ledger, 0, challenger);
    for (let delivery = 0; delivery < 3; delivery++) await send(fired);
    expect(await ledger.history("m")).toHaveLength(2);
    expect(said().map(({ because }) => because)).toEqual([
      undefined,
      "no version is challenger now",
      "no version is challenger now",
    ]);
  });

  it("spares a version that was made challenger again after it", async () => {
    const { send, ledger, clock } = setUp();
    await challenge(ledger, 0, challenger);
    await send(fired);
    await challenge(ledger, 110, challenger);
    clock.seconds = 120;
    await send(fired);
    expect((await ledger.latest("m"))?.aliases.challenger?.digest).toBe(challenger);
  });

  it.each([
    ["was made challenger after the alarm", 97],
    ["became challenger while the alarm's time ran", 85],
    ["became challenger so shortly before that the other may still have been asked", 78],
  ])("spares a version that %s, when another was before", async (_title, seconds) => {
    const { send, ledger, said } = setUp();
    await challenge(ledger, 0, another);
    await challenge(ledger, seconds, challenger);
    await send(fired);
    expect((await ledger.latest("m"))?.aliases.challenger?.digest).toBe(challenger);
    expect(said()).toMatchObject([
      { level: "info", because: "another version was challenger in the alarm's time" },
    ]);
  });

  it.each([
    [
      "long after another",
      [
        [0, another],
        [50, challenger],
      ],
    ],
    [
      "while the alarm's time ran, when none was before",
      [
        [0, undefined],
        [90, challenger],
      ],
    ],
    [
      "with another share meanwhile",
      [
        [0, challenger],
        [90, challenger],
        [97, challenger],
      ],
    ],
    [
      "by a clock that is ahead",
      [
        [0, undefined],
        [99, challenger],
      ],
    ],
  ] as const)("stops a version that became challenger %s", async (_title, moves) => {
    const { send, ledger } = setUp();
    for (const [seconds, digest] of moves) await challenge(ledger, seconds, digest);
    await send(fired);
    expect((await ledger.latest("m"))?.aliases).toEqual({ champion: { digest: champion } });
  });

  it("looks a minute back where it does not say when its time began", async () => {
    const { send, ledger } = setUp();
    await challenge(ledger, 0, another);
    await challenge(ledger, 50, challenger);
    for (const reasonData of ["not JSON", "{}", '{"startDate":"never"}', undefined]) {
      const { alarmData, ...rest } = fired;
      await send({ ...rest, alarmData: { ...alarmData, state: { ...alarmData.state, reasonData } } });
      expect((await ledger.latest("m"))?.aliases.challenger?.digest).toBe(challenger);
    }
  });

  it("decides anew when somebody else moves first: another challenger stays", async () => {
    const { send, ledger, waits } = setUp();
    await challenge(ledger, 0, challenger);
    const append = ledger.append.bind(ledger);
    ledger.append = async (entry) => {
      ledger.append = append;
      await challenge(ledger, 99, another);
      return append(entry);
    };
    await send(fired);
    expect((await ledger.latest("m"))?.aliases.challenger?.digest).toBe(another);
    expect(waits).toEqual([1]);
  });

  it("fails, to be delivered again, when others are first every time or the ledger is down", async () => {
    const { send, ledger, waits } = setUp();
    await challenge(ledger, 0, challenger);
    ledger.append = () => Promise.reject(new ConflictError("late", { code: "dependency.conflict" }));
    await expect(send(fired)).rejects.toThrow(ConflictError);
    expect(waits).toEqual([1, 2, 3, 4]);
    ledger.latest = () => Promise.reject(new DependencyError("down", { code: "dependency.timeout" }));
    await expect(send(fired)).rejects.toThrow(DependencyError);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alarmEvent, challenge, challenger, setUp } from "./set-up.ts";

describe("the guard", () => {
  it.each([
    ["no object", "text", /^event: /],
    ["an event of something else", { source: "aws.s3" }, /source: .*alarmData: /],
    ["an alarm that is over", alarmEvent("ChallengerErrors", { value: "OK" }), /state\.value/],
  ])("says what is wrong with %s, and changes nothing", async (_title, event, problem) => {
    const { send, said, ledger, functions } = setUp();
    await challenge(ledger, 0, challenger);
    await send(event);
    expect(said()).toMatchObject([
      {
        level: "error",
        message: expect.stringContaining("nothing was changed"),
        problem: expect.stringMatching(problem),
      },
    ]);
    expect(await ledger.history("m")).toHaveLength(1);
    expect(functions.writes).toBe(0);
  });

  it.each([
    ["metric", alarmEvent("Events")],
    ["metric that an object happens to have", alarmEvent("constructor")],
    ["stage", alarmEvent("ChallengerErrors", { dimensions: { Stage: "prod", Model: "m" } })],
    ["model", alarmEvent("ChallengerErrors", { dimensions: { Stage: "dev", Model: "other" } })],
    [
      "model, for want of one,",
      alarmEvent("MemoryUsedRatio", { dimensions: { Stage: "dev", Function: "f" } }),
    ],
  ])("changes nothing on an alarm of another %s", async (_title, event) => {
    const { send, said, ledger, functions } = setUp();
    await challenge(ledger, 0, challenger);
    await send(event);
    expect(said()).toMatchObject([
      { level: "error", message: expect.stringContaining("nothing was changed"), alarm: "the-alarm" },
    ]);
    expect(await ledger.history("m")).toHaveLength(1);
    expect(functions.writes).toBe(0);
  });

  it("takes any JSON without failing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (event) => {
        const { send, functions } = setUp();
        await send(event);
        expect(functions.writes).toBe(0);
      }),
    );
  });
});

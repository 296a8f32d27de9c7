import { setImmediate as immediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Activity } from "../../../../scripts/local/clock/activity.ts";

describe("an activity", () => {
  it("is idle when all that was begun has ended, however it ended, and nothing followed from it", async () => {
    const activity = new Activity();
    const seen: string[] = [];
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const works = [
      activity.run(() => first.promise).then(() => activity.run(() => second.promise)),
      activity
        .run(async () => Promise.reject(new Error("failed")))
        .catch((error: Error) => seen.push(error.message)),
    ];
    const idle = activity.idle().then(() => seen.push("idle"));
    await immediate();
    first.resolve();
    await immediate();
    expect(seen).toEqual(["failed"]);
    second.resolve();
    await Promise.all([...works, idle]);
    expect(seen).toEqual(["failed", "idle"]);
  });

  it("is idle while its work waits for the clock, and busy again at once when the wait is over", async () => {
    const activity = new Activity();
    const wait = Promise.withResolvers<void>();
    const rest = Promise.withResolvers<void>();
    const work = activity.run(async () => {
      await activity.pause(() => wait.promise);
      await rest.promise;
    });
    await activity.idle();
    expect(activity.isIdle).toBe(true);
    wait.resolve();
    let isThrough = false;
    const idle = activity.idle().then(() => {
      isThrough = true;
    });
    for (let turn = 0; turn < 5; turn += 1) await immediate();
    expect([activity.isIdle, isThrough]).toEqual([false, false]);
    rest.resolve();
    await Promise.all([work, idle]);
    expect(isThrough).toBe(true);
  });
});

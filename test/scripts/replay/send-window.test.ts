import { describe, expect, it } from "vitest";
import { createSendWindow } from "../../../scripts/replay/send-window.ts";

/** Asks for `count` calls at once; `admitted` grows as the window lets them go. */
function ask(window: ReturnType<typeof createSendWindow>, count: number) {
  const state = { admitted: 0 };
  for (let at = 0; at < count; at += 1) void window.acquire().then(() => (state.admitted += 1));
  return state;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("createSendWindow", () => {
  it("admits as many calls as its limit and the next one as one ends", async () => {
    const window = createSendWindow(3);
    const calls = ask(window, 5);

    await turn();
    expect(calls.admitted).toBe(3);
    window.release({ throttled: false });
    await turn();
    expect(calls.admitted).toBe(4);
  });

  it("halves its limit when throttled, never below one, and lets the calls in flight run out first", async () => {
    const window = createSendWindow(4);
    const calls = ask(window, 10);

    await turn();
    window.release({ throttled: true });
    expect(window.limit).toBe(2);
    window.release({ throttled: true });
    expect(window.limit).toBe(1);
    window.release({ throttled: true });
    await turn();
    expect([window.limit, calls.admitted]).toEqual([1, 4]);
    window.release({ throttled: false });
    await turn();
    expect([window.limit, calls.admitted]).toEqual([2, 6]);
  });

  it("grows back by one for each round of calls without throttling, up to where it started", () => {
    const window = createSendWindow(3);
    void ask(window, 100);
    window.release({ throttled: true });
    const limits = Array.from({ length: 8 }, () => {
      window.release({ throttled: false });
      return window.limit;
    });

    expect(limits).toEqual([2, 2, 3, 3, 3, 3, 3, 3]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRetry, type Retrier } from "../../../../scripts/local/stepfunctions/retry.ts";

const delays = (retriers: readonly Retrier[], errors: readonly string[], random = () => 0.5) => {
  const next = createRetry(retriers, random);
  return errors.map((each) => next(each));
};

describe("the retries of a task", () => {
  it("wait one second, then twice as long, three times, where nothing else is said", () => {
    expect(delays([{ ErrorEquals: ["E"] }], ["E", "E", "E", "E"])).toEqual([1000, 2000, 4000, undefined]);
  });

  it("grow by their rate up to the longest wait, which jitter shortens", () => {
    const retrier = {
      ErrorEquals: ["E"],
      IntervalSeconds: 3,
      BackoffRate: 3,
      MaxDelaySeconds: 20,
      MaxAttempts: 4,
    };
    expect(delays([retrier], ["E", "E", "E", "E"])).toEqual([3000, 9000, 20_000, 20_000]);
    expect(delays([{ ...retrier, JitterStrategy: "FULL" }], ["E", "E"])).toEqual([1500, 4500]);
  });

  it("are counted for each retrier, of which the first that matches decides", () => {
    const retriers = [
      { ErrorEquals: ["A", "B"], MaxAttempts: 1 },
      { ErrorEquals: ["States.ALL"], IntervalSeconds: 5, MaxAttempts: 2 },
    ];
    expect(delays(retriers, ["A", "C", "C", "C"])).toEqual([1000, 5000, 10_000, undefined]);
    expect(delays(retriers, ["A", "B"])).toEqual([1000, undefined]);
  });

  it.each([
    ["States.ALL", "DependencyError", true],
    ["States.ALL", "States.Timeout", true],
    ["States.ALL", "States.Runtime", false],
    ["States.ALL", "States.DataLimitExceeded", false],
    ["States.TaskFailed", "DependencyError", true],
    ["States.TaskFailed", "States.Timeout", false],
    ["States.TaskFailed", "States.Runtime", false],
    ["States.Timeout", "States.Timeout", true],
    ["DependencyError", "InputError", false],
  ])("of %s on %s: %s", (pattern, error, isRetried) => {
    expect(delays([{ ErrorEquals: [pattern] }], [error])[0] !== undefined).toBe(isRetried);
  });

  it("are never more than allowed and never longer than the longest wait", () => {
    const options = {
      IntervalSeconds: fc.integer({ min: 1, max: 100 }),
      MaxAttempts: fc.nat(8),
      MaxDelaySeconds: fc.integer({ min: 1, max: 500 }),
    };
    fc.assert(
      fc.property(
        fc.record(options),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (limits, jitter) => {
          const made = delays(
            [{ ErrorEquals: ["E"], JitterStrategy: "FULL", ...limits }],
            Array(9).fill("E"),
            () => jitter,
          );
          const waits = made.filter((each) => each !== undefined);
          expect(waits.length).toBe(limits.MaxAttempts);
          expect(waits.every((each) => each >= 0 && each <= limits.MaxDelaySeconds * 1000)).toBe(true);
        },
      ),
    );
  });
});

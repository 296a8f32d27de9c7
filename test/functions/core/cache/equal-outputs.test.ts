import { describe, expect, it } from "vitest";
import { areEqualOutputs } from "../../../../functions/core/cache/equal-outputs.ts";

describe("areEqualOutputs", () => {
  it.each<[string, string, boolean]>([
    ['{"p":0.25,"s":"late"}', '{"p":0.25,"s":"late"}', true],
    ['{"p":0.250001}', '{"p":0.250002}', true],
    ['{"p":0.25001}', '{"p":0.25003}', false],
    ['{"p":1e-7}', '{"p":0}', true],
    ['{"p":-0.25}', '{"p":0.25}', false],
    // Relative where numbers are great: float32 knows no more of them.
    ['{"y":1000000.1}', '{"y":1000000.9}', true],
    ['{"y":1000000}', '{"y":1000020}', false],
    ['{"s":"late"}', '{"s":"on time"}', false],
    ['{"p":1}', '{"q":1}', false],
    ['{"p":[1,2]}', '{"p":[1,2,3]}', false],
    ["2:1,2", "1,2:1", false],
    ["2:NaN,1", "2:NaN,1.0000001", true],
  ])("of %s and %s is %s within 0.00001", (a, b, expected) => {
    expect([areEqualOutputs(a, b, 1e-5), areEqualOutputs(b, a, 1e-5)]).toEqual([expected, expected]);
  });
});

import { describe, expect, it } from "vitest";
import { hideValues } from "../../../../functions/core/private/private-values.ts";

const long = 'Ada "Countess" Lovelace of St James’s Square, London';

describe("hideValues", () => {
  it.each([
    [
      'event id: got "ada" at "user", expected a number',
      ["ada"],
      'event id: got "(private)" at "user", expected a number',
    ],
    ["got 17, expected 0 to 170", [17], "got (private), expected 0 to 170"],
    ["got true at x", [true], "got (private) at x"],
    [`got ${JSON.stringify(long)}`, [long], 'got "(private)"'],
    [`got ${JSON.stringify(long).slice(0, 47)}…`, [long], 'got "(private)…'],
    [`got ${JSON.stringify(long).slice(0, 30)} and ${long}`, [long], 'got "(private) and (private)'],
    ["ada and adam, adalind and Ada", ["ada"], "(private) and adam, adalind and Ada"],
    ["ann marie, ann", ["ann", "ann marie"], "(private), (private)"],
    ['["ada","b"]', ["ada", "b"], '["(private)","(private)"]'],
    ["nothing of it", ["", "elsewhere"], "nothing of it"],
    ["got -5.5 and +49 30", [-5.5, "+49 30"], "got (private) and (private)"],
  ])("makes of %j without %j: %j", (message, values, expected) => {
    expect(hideValues(message, values)).toBe(expected);
  });
});

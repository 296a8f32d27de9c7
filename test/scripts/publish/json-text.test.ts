import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJsonText } from "../../../scripts/publish/json-text.ts";

describe("parseJsonText", () => {
  it("reads whatever JSON.parse reads, unless a key stands twice", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const parsed = parseJsonText(text);
        expect(parsed).toMatchObject({ ok: true });
        if (parsed.ok) expect(parsed.json.value).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses whatever JSON.parse refuses, with a line and a column", () => {
    const text = fc
      .tuple(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom("", ",", "}", "]", ":", '"', "x", "\n", "01", "\\"),
      )
      .map(([json, at, extra]) => {
        const cut = at % (json.length + 1);
        return json.slice(0, cut) + extra + json.slice(cut + (extra === "" ? 1 : 0));
      });
    fc.assert(
      fc.property(text, (broken) => {
        if (isJson(broken)) return;
        const parsed = parseJsonText(broken);
        expect(parsed).toMatchObject({ ok: false });
        if (parsed.ok) return;
        expect(parsed.problems.at(-1)!.message).toMatch(
          /^not valid JSON: got .+, expected .+ \(column \d+\)$/s,
        );
        expect(parsed.problems.at(-1)!.line).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses nesting that would end the stack", () => {
    expect(parseJsonText("[".repeat(1_000_000))).toMatchObject({ ok: false });
  });

  it("knows the line of every value", () => {
    const text = '{\n  "a": 1,\n  "b": {\n    "c": [true,\n      "x,]}"\n    ],\n    "d\\"": null\n  }\n}';
    const parsed = parseJsonText(text, 10);
    if (!parsed.ok) throw new Error("not read");
    const lines = [[], ["a"], ["b"], ["b", "c", 0], ["b", "c", 1], ["b", 'd"']].map(parsed.json.lineOf);
    expect(lines).toEqual([10, 11, 12, 13, 14, 16]);
  });

  it("gives the line of the nearest value round a path that does not exist", () => {
    const parsed = parseJsonText('{\n"a": {\n"b": 1}}');
    if (!parsed.ok) throw new Error("not read");
    expect(parsed.json.lineOf(["a", "missing", 3])).toBe(2);
  });

  it.each([
    ["a comma too many", '{\n"a": 1,\n}', 3],
    ["an end that comes too early", '{\n"a": 1,\n"b": [', 3],
    ["nothing at all", "", 1],
    ["a bare word", '{\n"a": yes}', 2],
  ])("tells the line of %s", (_, text, line) => {
    expect(parseJsonText(text)).toMatchObject({
      ok: false,
      problems: [{ line, message: expect.stringMatching(/^not valid JSON: .*\(column \d+\)$/) }],
    });
  });

  it("refuses a key that stands twice in one object, at any depth, and not in two objects", () => {
    const parsed = parseJsonText('{"a": {"x": 1}, "b": [{"x": 1}, {"x": 1,\n"x": 2}],\n"a": 3}');
    expect(parsed).toMatchObject({
      ok: false,
      problems: [
        { line: 2, path: "b[1].x" },
        { line: 3, path: "a" },
      ],
    });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

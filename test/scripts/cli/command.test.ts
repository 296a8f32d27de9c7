import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { helpText, parseCommand } from "../../../scripts/cli/command.ts";
import { choice, flag, integer, path, time } from "../../../scripts/cli/option.ts";
import { UsageError } from "../../../scripts/cli/usage-error.ts";

const command = {
  usage: "npm run fly --",
  summary: "Fly somewhere.",
  options: {
    flights: integer("how many", { min: 1, max: 100, fallback: 20 }),
    rate: integer("how fast", { min: 1, max: 9, fallback: undefined, shownDefault: "as fast as it goes" }),
    from: time("since when", Date.UTC(2001, 0, 31)),
    stage: choice("stage", ["dev", "prod"], "dev"),
    out: path("write to a file"),
    once: flag("end"),
  },
  notes: "Mind the gap.",
};
const defaults = {
  flights: 20,
  rate: undefined,
  from: Date.UTC(2001, 0, 31),
  stage: "dev",
  out: undefined,
  once: false,
};

function problemsOf(...args: string[]): string[] {
  try {
    parseCommand(command, args);
  } catch (error) {
    if (error instanceof UsageError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("parseCommand", () => {
  it("gives every default without arguments", () => {
    expect(parseCommand(command, [])).toEqual(defaults);
  });

  it("reads values after a blank and after an equals sign", () => {
    const args = ["--flights", "7", "--rate=3", "--from=2001-02-03T04:05:06Z", "--stage", "prod", "--once"];

    expect(parseCommand(command, [...args, "--out", "a.ndjson"])).toEqual({
      flights: 7,
      rate: 3,
      from: Date.UTC(2001, 1, 3, 4, 5, 6),
      stage: "prod",
      out: "a.ndjson",
      once: true,
    });
  });

  it("takes both ends of a range and nothing beyond them", () => {
    expect(parseCommand(command, ["--flights", "1"])).toMatchObject({ flights: 1 });
    expect(parseCommand(command, ["--flights", "100"])).toMatchObject({ flights: 100 });
    for (const text of ["0", "101", "-1", "1.5", "1e1", " 1", "", "many"]) {
      expect(problemsOf(`--flights=${text}`)[0]).toBe(
        `--flights: got "${text}", expected a whole number from 1 to 100`,
      );
    }
  });

  it("takes days and UTC times that exist", () => {
    expect(parseCommand(command, ["--from", "2000-02-29"])).toMatchObject({ from: Date.UTC(2000, 1, 29) });
    expect(parseCommand(command, ["--from", "2001-01-31T06:44Z"])).toMatchObject({
      from: Date.UTC(2001, 0, 31, 6, 44),
    });
    for (const text of ["2001-02-29", "2001-01-31T06:44:00", "31.1.2001", "2001", "2001-01-31T25:00Z", ""]) {
      expect(problemsOf(`--from=${text}`)[0]).toMatch(
        /^--from: got ".*", expected a day or time that exists/,
      );
    }
  });

  it("tells every problem at once, and where help is", () => {
    expect(
      problemsOf(
        "--flights",
        "x",
        "--speed",
        "9",
        "--stage=qa",
        "here",
        "--once=yes",
        "--out",
        "a",
        "--out",
        "b",
      ),
    ).toEqual([
      '--flights: got "x", expected a whole number from 1 to 100',
      "--speed: unknown option",
      'got "9", expected options only',
      '--stage: got "qa", expected dev or prod',
      'got "here", expected options only',
      '--once: got "yes", expected no value',
      "--out: given twice, expected once",
      "see npm run fly -- --help",
    ]);
  });

  it("tells when a value is missing", () => {
    expect(problemsOf("--out")[0]).toBe("--out: got no value, expected FILE");
  });

  it("takes no inherited name for an option", () => {
    expect(problemsOf("--constructor")[0]).toBe("--constructor: unknown option");
  });

  it("answers help whatever else is there", () => {
    expect(parseCommand(command, ["--flights", "x", "--help"])).toBe("help");
    expect(parseCommand(command, ["-h"])).toBe("help");
  });

  it("fails with nothing but a UsageError, whatever the arguments", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom("--flights", "--from", "--once", "--", "-"))),
        (args) => {
          problemsOf(...args);
        },
      ),
    );
  });
});

describe("helpText", () => {
  it("names every option with its value and its default", () => {
    expect(helpText(command)).toBe(
      [
        "npm run fly -- [options]",
        "",
        "Fly somewhere.",
        "",
        "  --flights N   how many (default 20)",
        "  --rate N      how fast (default as fast as it goes)",
        "  --from TIME   since when (default 2001-01-31)",
        "  --stage NAME  stage: dev or prod (default dev)",
        "  --out FILE    write to a file",
        "  --once        end",
        "  --help        show this",
        "",
        "Mind the gap.",
      ].join("\n"),
    );
  });
});

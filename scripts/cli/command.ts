import { parseArgs } from "node:util";
import type { Option } from "./option.ts";
import { UsageError } from "./usage-error.ts";

type Options = Readonly<Record<string, Option<unknown>>>;

export interface Command<Spec extends Options> {
  /** How it is called, e.g. `npm run replay --`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  /** By long name, without dashes, in the order of the help. */
  readonly options: Spec;
  /** Text under the options. */
  readonly notes?: string;
}

export type Values<Spec extends Options> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Option<infer Value> ? Value : never;
};

/**
 * Read a command's arguments: `--name value`, `--name=value`, `--flag`.
 *
 * @returns one value per option, or `help` when `--help` or `-h` is among the arguments.
 * @throws {UsageError} with every problem: unknown options, values missing or not allowed, an option given twice.
 */
export function parseCommand<Spec extends Options>(
  command: Command<Spec>,
  args: readonly string[],
): Values<Spec> | "help" {
  const names = Object.keys(command.options);
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries([
      ...names.map(
        (name) => [name, { type: isFlag(command.options[name]!) ? "boolean" : "string" }] as const,
      ),
      ["help", { type: "boolean", short: "h" }] as const,
    ]),
  });
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) return "help";
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") problems.push(`got "${token.value}", expected options only`);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(command.options, token.name) ? command.options[token.name] : undefined;
    if (option === undefined) problems.push(`${token.rawName}: unknown option`);
    else if (values.has(token.name)) problems.push(`${token.rawName}: given twice, expected once`);
    else {
      const read = readValue(option, token.value);
      values.set(token.name, read.value);
      if (read.problem !== undefined) problems.push(`${token.rawName}: ${read.problem}`);
    }
  }
  if (problems.length > 0) {
    throw new UsageError([...problems, `see ${command.usage} --help`].join("\n"));
  }
  return Object.fromEntries(
    names.map((name) => [name, values.has(name) ? values.get(name) : command.options[name]!.fallback]),
  ) as Values<Spec>;
}

/** The text of `--help`. */
export function helpText({ usage, summary, options, notes }: Command<Options>): string {
  const rows = Object.entries(options).map(([name, option]) => ({
    left: `--${name}${option.placeholder === undefined ? "" : ` ${option.placeholder}`}`,
    right: `${option.help}${option.shownDefault === undefined ? "" : ` (default ${option.shownDefault})`}`,
  }));
  const all = [...rows, { left: "--help", right: "show this" }];
  const width = Math.max(...all.map(({ left }) => left.length));
  const lines = all.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`);
  return [`${usage} [options]`, "", summary, "", ...lines, ...(notes === undefined ? [] : ["", notes])].join(
    "\n",
  );
}

function isFlag(option: Options[string]): boolean {
  return option.placeholder === undefined;
}

function readValue(
  option: Options[string],
  text: string | undefined,
): { readonly value?: unknown; readonly problem?: string } {
  if (isFlag(option))
    return text === undefined ? { value: true } : { problem: `got "${text}", expected no value` };
  if (text === undefined) return { problem: `got no value, expected ${option.placeholder}` };
  try {
    return { value: option.parse(text) };
  } catch (cause) {
    return { problem: `got "${text}", ${cause instanceof Error ? cause.message : cause}` };
  }
}

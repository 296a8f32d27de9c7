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
  /** What stands before the options, e.g. `<digest>`. @default nothing may */
  readonly takes?: string;
  /** Text under the options. */
  readonly notes?: string;
}

export type Values<Spec extends Options> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Option<infer Value> ? Value : never;
};

/** What a command was called with. */
export interface Arguments<Spec extends Options> {
  readonly values: Values<Spec>;
  /** What is no option, in its order; none where the command takes none. */
  readonly operands: readonly string[];
}

/** Read the arguments of a command that takes options only. @see parseArguments */
export function parseCommand<Spec extends Options>(
  command: Command<Spec>,
  args: readonly string[],
): Values<Spec> | "help" {
  const parsed = parseArguments(command, args);
  return parsed === "help" ? parsed : parsed.values;
}

/**
 * Read a command's arguments: `--name value`, `--name=value`, `--flag`, and operands where it takes some.
 *
 * @returns one value per option, or `help` when `--help` or `-h` is among the arguments.
 * @throws {UsageError} with every problem: unknown options, values missing or not allowed, an option given twice.
 */
export function parseArguments<Spec extends Options>(
  command: Command<Spec>,
  args: readonly string[],
): Arguments<Spec> | "help" {
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
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (command.takes === undefined) problems.push(`got "${token.value}", expected options only`);
      operands.push(token.value);
    }
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
  const valueFor = (name: string) => (values.has(name) ? values.get(name) : command.options[name]!.fallback);
  return {
    values: Object.fromEntries(names.map((name) => [name, valueFor(name)])) as Values<Spec>,
    operands,
  };
}

/** The text of `--help`. */
export function helpText({ usage, takes, summary, options, notes }: Command<Options>): string {
  const rows = Object.entries(options).map(([name, option]) => ({
    left: `--${name}${option.placeholder === undefined ? "" : ` ${option.placeholder}`}`,
    right: `${option.help}${option.shownDefault === undefined ? "" : ` (default ${option.shownDefault})`}`,
  }));
  const all = [...rows, { left: "--help", right: "show this" }];
  const width = Math.max(...all.map(({ left }) => left.length));
  const lines = all.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`);
  const call = [usage, ...(takes === undefined ? [] : [takes]), "[options]"].join(" ");
  return [call, "", summary, "", ...lines, ...(notes === undefined ? [] : ["", notes])].join("\n");
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

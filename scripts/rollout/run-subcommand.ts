import { helpText } from "../cli/command.ts";
import type { Terminal } from "../cli/terminal.ts";
import { UsageError } from "../cli/usage-error.ts";
import { didYouMean } from "../publish/nearest.ts";
import { formatTable } from "../summary/table.ts";
import type { Subcommand } from "./subcommand.ts";

/** Several commands under a common name. */
export interface CommandGroup {
  /** How it is called, e.g. `npm run models --`. */
  readonly usage: string;
  readonly summary: string;
  /** Text under the commands. */
  readonly notes: string;
  /** By name, in the order of the help. */
  readonly commands: Readonly<Record<string, Subcommand>>;
}

export interface Call {
  /** The command's name and its arguments. */
  readonly args: readonly string[];
  readonly out: Pick<Terminal, "line">;
  readonly signal: AbortSignal;
}

/** Run the command that the first argument names, or tell which there are. @throws {UsageError} for wrong arguments */
export async function runSubcommand(group: CommandGroup, { args, out, signal }: Call): Promise<void> {
  const { usage, commands } = group;
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    out.line(groupHelp(group));
    return;
  }
  const chosen = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (chosen === undefined) {
    const known = Object.keys(commands);
    throw new UsageError(
      `got "${name}", expected ${known.join(", ")}${didYouMean(name, known)}\nsee ${usage} --help`,
    );
  }
  if (!(await chosen.run(rest, signal))) out.line(helpText(chosen.command));
}

function groupHelp({ usage, summary, notes, commands }: CommandGroup): string {
  const rows = Object.entries(commands).map(([name, { command }]) => [
    `  ${name} ${command.takes ?? ""}`.trimEnd(),
    command.summary,
  ]);
  return [
    `${usage} <command> [options]`,
    "",
    summary,
    "",
    ...formatTable(rows, { gap: 2 }),
    "",
    `${usage} <command> --help shows a command's options.`,
    notes,
  ].join("\n");
}

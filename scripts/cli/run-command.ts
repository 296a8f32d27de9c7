import { type Command, helpText, parseCommand, type Values } from "./command.ts";
import type { Option } from "./option.ts";
import { runProgram } from "./run-program.ts";

type Options = Readonly<Record<string, Option<unknown>>>;

/** Run a command by the process's own arguments. @see runProgram for the exit status and for Ctrl-C */
export async function runCommand<Spec extends Options>(
  command: Command<Spec>,
  action: (values: Values<Spec>, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  await runProgram(async (signal) => {
    const values = parseCommand(command, process.argv.slice(2));
    if (values !== "help") return await action(values, signal);
    console.log(helpText(command));
    return 0;
  });
}

import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { type Command, parseArguments, type Values } from "../cli/command.ts";
import type { Option } from "../cli/option.ts";
import type { Terminal } from "../cli/terminal.ts";
import type { RolloutStage } from "./open-stage.ts";
import type { VerdictReader } from "./verdict-reader.ts";

/** What the commands about models stand on. */
export interface ModelsDeps {
  open(stage: StageName): Promise<RolloutStage>;
  /** Names of the models that the stage serves. */
  listModels(stage: StageName): Promise<readonly string[]>;
  /** Takes results. */
  readonly out: Pick<Terminal, "line">;
  /** Shows what goes on meanwhile. */
  readonly working: Pick<Terminal, "line" | "step">;
  readonly readVerdict: VerdictReader | undefined;
  /** Who is at the terminal. */
  readonly user: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

type Options = Readonly<Record<string, Option<unknown>>>;

/** One command of several under a common name. */
export interface Subcommand {
  readonly command: Command<Options>;
  /** @returns false, having done nothing, where help is asked for. @throws {UsageError} for wrong arguments */
  run(args: readonly string[], signal: AbortSignal): Promise<boolean>;
}

/** Bind a command to what it does. */
export function subcommand<Spec extends Options>(
  command: Command<Spec>,
  act: (values: Values<Spec>, operands: readonly string[], signal: AbortSignal) => Promise<void>,
): Subcommand {
  return {
    command,
    async run(args, signal) {
      const parsed = parseArguments(command, args);
      if (parsed === "help") return false;
      await act(parsed.values, parsed.operands, signal);
      return true;
    },
  };
}

import { runCommand } from "./cli/run-command.ts";
import { startCommand } from "./start/start-command.ts";
import { startHeadrace } from "./start/start-headrace.ts";

await runCommand(startCommand, startHeadrace);

import { userInfo } from "node:os";
import { LambdaClient } from "@aws-sdk/client-lambda";
import type { StageName } from "../functions/contract/stack-outputs.ts";
import { runProgram } from "./cli/run-program.ts";
import { createTerminal } from "./cli/terminal.ts";
import { moveCommands } from "./rollout/move-commands.ts";
import { openStage } from "./rollout/open-stage.ts";
import { readStageVerdict } from "./rollout/read-stage-verdict.ts";
import { readingCommands } from "./rollout/reading-commands.ts";
import { replayCommand } from "./rollout/replay-command.ts";
import { runSubcommand } from "./rollout/run-subcommand.ts";
import type { ModelsDeps } from "./rollout/subcommand.ts";
import { listStageFunctions } from "./status/stage-functions.ts";

const deps: ModelsDeps = {
  open: openStage,
  listModels,
  out: createTerminal(process.stdout),
  working: createTerminal(process.stderr),
  readVerdict: readStageVerdict,
  user: userInfo().username,
  now: Date.now,
};

const group = {
  usage: "npm run models --",
  summary: "Say which version of a model answers, and see what was live when and why.",
  commands: { ...readingCommands(deps), ...moveCommands(deps), replay: replayCommand(deps) },
  notes: [
    "Where the stage has one model, its name may be left out.",
    "Endpoint, region and credentials come from the variables that the AWS SDK reads: AWS_ENDPOINT_URL, AWS_REGION,",
    "AWS_PROFILE, AWS_ACCESS_KEY_ID and the like.",
  ].join("\n"),
};

await runProgram(async (signal) => {
  await runSubcommand(group, { args: process.argv.slice(2), out: deps.out, signal });
  return 0;
});

async function listModels(stage: StageName): Promise<readonly string[]> {
  const lambda = new LambdaClient({});
  try {
    return [...(await listStageFunctions(lambda, stage)).keys()];
  } finally {
    lambda.destroy();
  }
}

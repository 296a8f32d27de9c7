import { userInfo } from "node:os";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { awsAccess } from "../functions/adapters/aws/aws-access.ts";
import { tableClient } from "../functions/adapters/aws/clients.ts";
import { DynamoLearningStore } from "../functions/adapters/aws/dynamo-learning-store.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { helpText, parseArguments } from "./cli/command.ts";
import { choice, flag, text } from "./cli/option.ts";
import { runProgram } from "./cli/run-program.ts";
import { UsageError } from "./cli/usage-error.ts";
import { didYouMean } from "./publish/nearest.ts";
import { askToRetrain, type RetrainAnswer } from "./retrain/ask-to-retrain.ts";
import { formatLearning } from "./retrain/format-learning.ts";
import { readLearning } from "./retrain/read-learning.ts";
import { listStageLearning, type ModelLearning } from "./retrain/stage-learning.ts";

const command = {
  usage: "npm run retrain --",
  summary: "Train a model anew, or see what its retraining came to.",
  takes: "[model]",
  options: {
    why: text("why, for the record", { placeholder: "TEXT", maxLength: 200, fallback: undefined }),
    status: flag("start nothing; show what runs and what has ended"),
    stage: choice("stage", stageName.options, "dev"),
    json: flag("print one JSON object"),
  },
  notes: [
    "Where the stage trains one model, its name may be left out.",
    "Endpoint, region and credentials come from the variables that the AWS SDK reads: AWS_ENDPOINT_URL, AWS_REGION,",
    "AWS_PROFILE, AWS_ACCESS_KEY_ID and the like.",
  ].join("\n"),
};

await runProgram(async () => {
  const parsed = parseArguments(command, process.argv.slice(2));
  if (parsed === "help") {
    console.log(helpText(command));
    return 0;
  }
  const { values, operands } = parsed;
  const [lambda, states, tables] = [new LambdaClient({}), new SFNClient({}), tableClient(awsAccess())];
  try {
    const learning = chosen(await listStageLearning(lambda, values.stage), operands);
    if (values.status) {
      const store = new DynamoLearningStore({ client: tables, table: learning.table });
      const report = await readLearning(states, store, learning);
      console.log(values.json ? JSON.stringify(report) : formatLearning(report).join("\n"));
      return 0;
    }
    const answer = await askToRetrain(lambda, learning, { user: userInfo().username, why: values.why });
    console.log(values.json ? JSON.stringify(answer) : inWords(answer));
    return answer.started || answer.execution !== undefined ? 0 : 1;
  } finally {
    lambda.destroy();
    states.destroy();
    tables.destroy();
  }
});

function chosen(learning: ReadonlyMap<string, ModelLearning>, operands: readonly string[]): ModelLearning {
  const known = [...learning.keys()];
  const [name = known.length === 1 ? known[0] : undefined, ...others] = operands;
  const found = name === undefined ? undefined : learning.get(name);
  if (found !== undefined && others.length === 0) return found;
  if (known.length === 0)
    throw new UsageError('no model of the stage is trained anew; give one "learning": {} and deploy');
  const got = operands.length === 0 ? "no model" : `"${operands.join(" ")}"`;
  throw new UsageError(
    `got ${got}, expected one of ${known.join(", ")}${didYouMean(operands[0] ?? "", known)}\nsee ${command.usage} --help`,
  );
}

function inWords({ started, execution, why }: RetrainAnswer): string {
  return started ? `started ${execution}` : `started none: ${why}`;
}

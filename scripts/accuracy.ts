import { parseArgs } from "node:util";
import * as z from "zod/mini";
import { modelName } from "../functions/contract/model-package.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { formatAccuracy } from "./accuracy/format-accuracy.ts";
import { readStageAccuracy } from "./accuracy/read-stage-accuracy.ts";
import { explainError } from "./cli/explain-error.ts";
import { time } from "./cli/option.ts";
import { oneOf } from "./publish/one-of.ts";

const usage = `npm run accuracy -- <model> [options]

Print how good a model's predictions were, as far as their outcomes have come: per version and role, by the hour or the
day of the predicted events, and in all.

  --from TIME        first event, such as 2001-01-31 or 2001-01-31T06:44:00Z (UTC; default: the first there is)
  --to TIME          last event (default: the last there is); the whole of both hours is counted
  --by hour|day      length of a line (default: hour for up to two days)
  --stage dev|prod   the stage to ask (default dev)
  --json             print one JSON object

Region, credentials and endpoint are the AWS SDK's: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, ...`;

try {
  await main();
} catch (error) {
  console.error(explainError(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: "string" },
      to: { type: "string" },
      by: { type: "string" },
      stage: { type: "string", default: "dev" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [model, ...more] = positionals;
  if (model === undefined || more.length > 0) {
    throw new Error(`got ${positionals.length} arguments, expected a model\n\n${usage}`);
  }
  if (!modelName.safeParse(model).success) {
    throw new Error(`model: got "${model}", expected a name of lower-case letters, digits and hyphens`);
  }
  const series = await readStageAccuracy({
    model,
    stage: oneOf("--stage", stageName, values.stage),
    fromMs: instantOf("--from", values.from),
    toMs: instantOf("--to", values.to),
    unit: values.by === undefined ? undefined : oneOf("--by", z.enum(["hour", "day"]), values.by),
  });
  if (values.json) console.log(JSON.stringify({ model, series }));
  else for (const line of formatAccuracy(model, series)) console.log(line);
}

function instantOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return time("", undefined).parse(text);
  } catch (cause) {
    throw new Error(`${option}: got "${text}", ${(cause as Error).message}`);
  }
}

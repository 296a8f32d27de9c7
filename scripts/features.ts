import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { modelName } from "../functions/contract/model-package.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { explainError } from "./cli/explain-error.ts";
import { discoverStage } from "./discover.ts";
import { openFeatureReader } from "./features/feature-reader.ts";
import { formatFeatures } from "./features/format-features.ts";
import { oneOf } from "./publish/one-of.ts";

const usage = `npm run features -- <model> <event.json> [options]

Print what the champion gets of an event, feature by feature, and where each value comes from: the event itself, or the
tiles of a view as they stand now. Nothing is predicted and nothing is stored. With - for the file the event is read
from standard input.

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
      stage: { type: "string", default: "dev" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [model, file, ...more] = positionals;
  if (model === undefined || file === undefined || more.length > 0) {
    throw new Error(`got ${positionals.length} arguments, expected a model and a file\n\n${usage}`);
  }
  if (!modelName.safeParse(model).success) {
    throw new Error(`model: got "${model}", expected a name of lower-case letters, digits and hyphens`);
  }
  const event = file === "-" ? await buffer(process.stdin) : await readFile(file);
  await using reader = await openFeatureReader(
    await discoverStage(oneOf("--stage", stageName, values.stage)),
    {
      model,
    },
  );
  const features = await reader.read(event);
  if (values.json) console.log(JSON.stringify(features));
  else for (const line of formatFeatures(features)) console.log(line);
}

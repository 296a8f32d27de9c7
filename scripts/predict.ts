import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { modelName } from "../functions/contract/model-package.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { discoverApi } from "./discover.ts";
import { readApiAccess } from "./https/api-access.ts";
import { postJson } from "./https/post-json.ts";
import { predictEvents } from "./predict/predict-events.ts";
import { oneOf } from "./publish/one-of.ts";

const usage = `npm run predict -- <model> <event.json> [options]

Send an event, or a list of them, to a model over HTTPS and print what it says: one line of JSON per event.
With - for the file the events are read from standard input. Exits with 1 when an event has an error.

  --stage dev|prod   the stage to ask (default dev)

Region, credentials and endpoint are the AWS SDK's: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, ...`;

try {
  await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(process.env.DEBUG ? error.stack : explain(error));
  process.exitCode = 1;
}

/** An error's message and those of its causes. */
function explain(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${explain(error.cause)}` : error.message;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { stage: { type: "string", default: "dev" }, help: { type: "boolean", default: false } },
  });
  if (values.help) return console.log(usage);
  const [model, file, ...more] = positionals;
  if (model === undefined || file === undefined || more.length > 0) {
    throw new Error(`got ${positionals.length} arguments, expected a model and a file\n\n${usage}`);
  }
  if (!modelName.safeParse(model).success) {
    throw new Error(`model: got "${model}", expected a name of lower-case letters, digits and hyphens`);
  }
  const events = file === "-" ? await textOf(process.stdin) : await readFile(file, "utf8");
  const stage = oneOf("--stage", stageName, values.stage);
  const access = await readApiAccess(await discoverApi(stage), { stage });
  const api = { url: access.url, post: (path: string, body: string) => postJson(access, path, body) };
  const { predictions, errorCount } = await predictEvents(api, model, events);
  for (const each of predictions) console.log(JSON.stringify(each));
  if (errorCount > 0) process.exitCode = 1;
}

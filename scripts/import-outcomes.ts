import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { modelName } from "../functions/contract/model-package.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { explainError } from "./cli/explain-error.ts";
import { time } from "./cli/option.ts";
import { importToStage } from "./import-outcomes/import-to-stage.ts";
import { oneOf } from "./publish/one-of.ts";

const usage = `npm run import-outcomes -- <model> <file.jsonl> [options]

Put outcomes on the events stream that stand in a file as SageMaker's ground truth, one JSON object per line:
{"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId": "…"}, "eventVersion": "0"}
With - for the file they are read from standard input. Lines that are at fault are told and left out; then it exits
with 1.

  --time TIME        when all of it came true, such as 2001-01-31 or 2001-01-31T09:53:00Z (UTC; default: now)
  --stage dev|prod   the stage to put them on (default dev)
  --json             print one JSON object

Region, credentials and endpoint are the AWS SDK's: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, ...`;

/** Bad lines that are told one by one; the rest is counted. */
const maxTold = 100;

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
      time: { type: "string" },
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
  const problems: { readonly line: number; readonly message: string }[] = [];
  const imported = await importToStage({
    model,
    stage: oneOf("--stage", stageName, values.stage),
    time: values.time === undefined ? undefined : instantText(values.time),
    lines: linesOf(file),
    noteBad: (line, message) => {
      if (problems.length < maxTold) problems.push({ line, message });
    },
  });
  if (values.json) console.log(JSON.stringify({ model, ...imported, problems }));
  else {
    for (const { line, message } of problems) console.error(`line ${line}: ${message}`);
    if (imported.bad > problems.length) console.error(`and ${imported.bad - problems.length} more`);
    console.log(`${imported.put} outcomes put on the events stream, ${imported.bad} lines left out`);
  }
  if (imported.bad > 0) process.exitCode = 1;
}

/** Opened only when they are read: standard input would keep the process alive. */
async function* linesOf(file: string): AsyncGenerator<string> {
  if (file === "-") yield* createInterface({ input: process.stdin, crlfDelay: Infinity });
  else yield* (await open(file)).readLines({ encoding: "utf8" });
}

function instantText(text: string): string {
  try {
    return new Date(time("", undefined).parse(text)!).toISOString();
  } catch (cause) {
    throw new Error(`--time: got "${text}", ${(cause as Error).message}`);
  }
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { makeReference } from "../functions/core/monitor/reference/make-reference.ts";
import { explainError } from "./cli/explain-error.ts";
import { time } from "./cli/option.ts";
import { createTerminal } from "./cli/terminal.ts";
import { oneOf } from "./publish/one-of.ts";
import { examplesIn } from "./reference/example-files.ts";
import { openForReference } from "./reference/open-for-reference.ts";
import { stageExamples } from "./reference/stage-examples.ts";

const usage = `npm run reference -- <package folder> [options]

Count what a model was trained on into the package's reference.json, which drift is measured against: the features and
the scores of examples, in all and by windows of drift.window. Publish the package afterwards.

  --examples PATH    a file or folder of examples, NDJSON, zipped (.ndjson.gz) or not (default: those that the stage keeps)
  --from TIME        first predicted event, such as 2001-01-31 or 2001-01-31T06:44:00Z (UTC; default: the first there is)
  --to TIME          last predicted event, exclusive (default: the last there is)
  --stage dev|prod   the stage whose examples are read (default dev)
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
      examples: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      stage: { type: "string", default: "dev" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0)
    throw new Error(`got ${positionals.length} packages, expected the folder of one\n\n${usage}`);
  const [fromMs, toMs] = [instant("--from", values.from), instant("--to", values.to)];
  const stage = oneOf("--stage", stageName, values.stage);
  const terminal = createTerminal(process.stderr);
  const model = await openForReference(folder);
  try {
    const name = model.package.name;
    const noteDamaged = (message: string) => terminal.line(`  damaged     ${message}`);
    const examples =
      values.examples === undefined
        ? stageExamples({ stage, model: name, fromMs, noteDamaged })
        : examplesIn(values.examples);
    const made = await makeReference({ model, examples, fromMs, toMs });
    const content = `${JSON.stringify(made)}\n`;
    await writeFile(join(folder, "reference.json"), content);
    const { rows, from, to, windows } = made;
    const facts = { model: name, rows, from, to, windows: windows.length, bytes: content.length };
    if (values.json) return console.log(JSON.stringify(facts));
    console.log(
      `reference.json of ${name}: ${rows.toLocaleString("en-US")} examples from ${from} to ${to}, ${windows.length} windows of ${model.package.drift.window}, ${content.length.toLocaleString("en-US")} bytes`,
    );
  } finally {
    await model.session.release();
  }
}

function instant(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return time("", undefined).parse(text);
  } catch (cause) {
    throw new Error(`${name}: got "${text}", ${cause instanceof Error ? cause.message : cause}`);
  }
}

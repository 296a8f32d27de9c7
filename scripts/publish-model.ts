import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { role } from "../functions/contract/ledger.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { HeadraceError } from "../functions/core/errors.ts";
import { oneOf } from "./publish/one-of.ts";
import { publishToStage } from "./publish/publish-to-stage.ts";
import { publishedJson, showPublished } from "./publish/show-published.ts";

const usage = `npm run publish-model -- <folder> [options]

Check a model package and publish it. A model's first version becomes champion; a later one with --alias champion.

  --alias champion   make this version the one that answers
  --stage dev|prod   the stage to publish to (default dev)
  --by <who>         for the ledger (default: the user's name)
  --why <reason>     for the ledger
  --json             print one JSON object; for a bad package {"problems": [...]}

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
    options: {
      alias: { type: "string" },
      stage: { type: "string", default: "dev" },
      by: { type: "string", default: userInfo().username },
      why: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) {
    throw new Error(`got ${positionals.length} folders, expected one\n\n${usage}`);
  }
  try {
    const place = { folder, stage: oneOf("--stage", stageName, values.stage) };
    const published = await publishToStage({
      ...place,
      alias: values.alias === undefined ? undefined : oneOf("--alias", role, values.alias),
      by: values.by,
      why: values.why ?? `published from ${folder}`,
    });
    console.log(values.json ? publishedJson(published, place) : showPublished(published, place));
  } catch (error) {
    const problems = error instanceof HeadraceError ? error.details.problems : undefined;
    if (!values.json || problems === undefined) throw error;
    console.log(JSON.stringify({ problems }));
    process.exitCode = 1;
  }
}

import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { role } from "../functions/contract/ledger.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { HeadraceError } from "../functions/core/errors.ts";
import { oneOf } from "./publish/one-of.ts";
import { publishToStage } from "./publish/publish-to-stage.ts";
import { publishedJson, showPublished } from "./publish/show-published.ts";
import { ratioOf } from "./rollout/ratio-of.ts";

const usage = `npm run publish-model -- <folder> [options]

Check a model package and publish it. A model's first version becomes champion; a later one with --alias champion.

  --alias NAME       champion: make this version the one that answers; challenger: score every event beside the
                     champion and answer a share; shadow: score events once they are answered
  --share PERCENT    of the entities that it answers as challenger, from 0 to 100 (default 0)
  --sample PERCENT   of the events that it scores as shadow, above 0 to 100 (default 100)
  --cold             move the alias although the windows of its views lack the past
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
      share: { type: "string" },
      sample: { type: "string" },
      cold: { type: "boolean", default: false },
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
      ...aliasOptions(values),
      isColdAllowed: values.cold,
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

function aliasOptions(values: { alias?: string; share?: string; sample?: string }) {
  const alias = values.alias === undefined ? undefined : oneOf("--alias", role, values.alias);
  if (values.share !== undefined && alias !== "challenger")
    throw new Error(`--share: got ${values.share}, allowed with --alias challenger only`);
  if (values.sample !== undefined && alias !== "shadow")
    throw new Error(`--sample: got ${values.sample}, allowed with --alias shadow only`);
  return {
    alias,
    share: values.share === undefined ? undefined : ratioOf("--share", values.share),
    sample: values.sample === undefined ? undefined : ratioOf("--sample", values.sample),
  };
}

import { parseArgs } from "node:util";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { backfillStage } from "./backfill/backfill-stage.ts";
import { backfilledJson, showBackfilled } from "./backfill/show-backfilled.ts";
import { explainError } from "./cli/explain-error.ts";
import { time } from "./cli/option.ts";
import { createTerminal } from "./cli/terminal.ts";
import { oneOf } from "./publish/one-of.ts";

const usage = `npm run backfill -- <package> --from TIME [options]

Replay the archive through a version of a model, a package's folder or a published one as <model>@<digest>: write the
tiles of its views as if they had been there, and examples as they would have been served, under the role backfill.
Nothing is predicted live. To be run again at will; best before the version is live.

  --from TIME        first event, such as 2001-01-31 or 2001-01-31T06:44:00Z (UTC), by the events' own time; what its
                     windows need of the time before is read too
  --to TIME          last event, exclusive (default: the last there is)
  --no-examples      only tiles
  --stage dev|prod   the stage (default dev)
  --json             print one JSON object

Region, credentials and endpoint are the AWS SDK's: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, ...`;

const stopping = new AbortController();
process.once("SIGINT", () => stopping.abort(new Error("interrupted; run it again, it writes the same")));
try {
  await main();
} catch (error) {
  console.error(explainError(error));
  process.exitCode = stopping.signal.aborted ? 130 : 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: "string" },
      to: { type: "string" },
      "no-examples": { type: "boolean", default: false },
      stage: { type: "string", default: "dev" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [source, ...more] = positionals;
  if (source === undefined || more.length > 0) {
    throw new Error(`got ${positionals.length} packages, expected one\n\n${usage}`);
  }
  if (values.from === undefined) throw new Error(`--from: got none, expected a day or time\n\n${usage}`);
  const fromMs = instant("--from", values.from);
  const toMs = values.to === undefined ? Number.POSITIVE_INFINITY : instant("--to", values.to);
  if (toMs <= fromMs) throw new Error(`--to: got ${values.to}, expected a time after ${values.from}`);
  const terminal = createTerminal(process.stderr);
  const done = await terminal.step("backfill", ({ progress }) =>
    backfillStage({
      ...{ source, fromMs, toMs, signal: stopping.signal },
      stage: oneOf("--stage", stageName, values.stage),
      withExamples: !values["no-examples"],
      noteDamaged: (message) => terminal.line(`  damaged     ${message}`),
      onProgress: (doing, count) =>
        progress(`${count.toLocaleString("en-US")} ${doing === "replay" ? "events" : "blocks of tiles"}`),
    }),
  );
  console.log(values.json ? backfilledJson(done) : showBackfilled(done));
}

function instant(name: string, text: string): number {
  try {
    return time("", undefined).parse(text)!;
  } catch (cause) {
    throw new Error(`${name}: got "${text}", ${cause instanceof Error ? cause.message : cause}`);
  }
}

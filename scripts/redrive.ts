import { stageName } from "../functions/contract/stack-outputs.ts";
import { choice, flag, integer, type Option, time } from "./cli/option.ts";
import { runCommand } from "./cli/run-command.ts";
import { UsageError } from "./cli/usage-error.ts";
import type { Redriven } from "./redrive/redrive.ts";
import { redriveStage } from "./redrive/redrive-stage.ts";

const command = {
  usage: "npm run redrive --",
  summary:
    "Put rejected events and parked records back onto the events stream, each once, after what kept them from being handled was mended.",
  options: {
    rejects: flag("only rejected events"),
    parked: flag("only parked records"),
    model: name("only this model's", "NAME"),
    reason: name("only events rejected for this reason, e.g. input.range", "CODE"),
    since: time("only what arrived on the stream from then on", undefined),
    until: time("only what arrived on the stream before then", undefined),
    limit: integer("at most so many", { min: 1, max: 10 ** 12, fallback: undefined, shownDefault: "all" }),
    "dry-run": flag("count, and put nothing back"),
    stage: choice("stage", stageName.options, "dev"),
    json: flag("print one JSON object"),
  },
  notes: [
    "Endpoint, region and credentials come from the variables that the AWS SDK reads: AWS_ENDPOINT_URL, AWS_REGION,",
    "AWS_PROFILE, AWS_ACCESS_KEY_ID and the like.",
  ].join("\n"),
};

await runCommand(command, async (options) => {
  if (options.rejects && options.parked) {
    throw new UsageError("--rejects and --parked: got both, expected one, or none for both kinds");
  }
  if (options.parked && options.reason !== undefined) {
    throw new UsageError("--reason: parked records have none; leave it out, or take --rejects");
  }
  const isDryRun = options["dry-run"];
  const redriven = await redriveStage(options.stage, {
    kinds: options.rejects || options.reason !== undefined ? ["rejected"] : kindsOf(options.parked),
    model: options.model,
    reason: options.reason,
    since: options.since,
    until: options.until,
    limit: options.limit,
    isDryRun,
  });
  console.log(options.json ? JSON.stringify(redriven) : show(redriven, isDryRun));
  return redriven.damaged.length === 0 ? 0 : 1;
});

function kindsOf(isParked: boolean): readonly "parked"[] | undefined {
  return isParked ? ["parked"] : undefined;
}

function show(redriven: Redriven, isDryRun: boolean): string {
  const { objects, before, doubles, excluded, incomplete, isLimited, damaged } = redriven;
  return [
    `${redriven.redriven} ${isDryRun ? "would be put back" : "put back"}, out of ${objects} objects`,
    ...(before > 0 ? [`  ${before} skipped: put back by an earlier run`] : []),
    ...(doubles > 0 ? [`  ${doubles} skipped: doubles of others`] : []),
    ...(excluded > 0 ? [`  ${excluded} left: other reason or time`] : []),
    ...(incomplete > 0
      ? [
          `  ${incomplete} cannot be put back: private values were taken out of them; have their producer send them again`,
        ]
      : []),
    ...(isLimited ? ["  more are left behind the limit; run it again for them"] : []),
    ...damaged.map((each) => `  cannot be read: ${each}`),
  ].join("\n");
}

function name(help: string, placeholder: string): Option<string | undefined> {
  return {
    help,
    placeholder,
    fallback: undefined,
    parse: (text) => {
      if (/^[a-z0-9._-]+$/.test(text)) return text;
      throw new Error("expected lower-case letters, digits, dots, hyphens and underscores");
    },
  };
}

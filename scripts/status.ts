import { stageName } from "../functions/contract/stack-outputs.ts";
import { choice, flag, integer, type Option } from "./cli/option.ts";
import { runCommand } from "./cli/run-command.ts";
import { createTerminal } from "./cli/terminal.ts";
import { formatStatus } from "./status/format-status.ts";
import { readStatus } from "./status/read-status.ts";

const model: Option<string | undefined> = {
  help: "only this model",
  placeholder: "NAME",
  fallback: undefined,
  parse: (text) => {
    if (/^[a-z][a-z0-9-]{0,62}$/.test(text)) return text;
    throw new Error("expected lower-case letters, digits and hyphens");
  },
};

const command = {
  usage: "npm run status --",
  summary: "Show how the models of a deployed stage fare: what the dashboards show, in the terminal.",
  options: {
    stage: choice("stage", stageName.options, "dev"),
    model,
    minutes: integer("how far back", { min: 1, max: 1_440, fallback: 60 }),
    json: flag("print one JSON object"),
  },
  notes: [
    "Endpoint, region and credentials come from the variables that the AWS SDK reads: AWS_ENDPOINT_URL, AWS_REGION,",
    "AWS_PROFILE, AWS_ACCESS_KEY_ID and the like.",
  ].join("\n"),
};

await runCommand(command, async ({ json, ...options }) => {
  const report = await readStatus({ ...options, nowMs: Date.now() });
  const terminal = createTerminal(process.stdout);
  if (json) terminal.line(JSON.stringify(report));
  else for (const line of formatStatus(report, terminal)) terminal.line(line);
  return 0;
});

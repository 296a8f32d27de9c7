import { kinesisClient } from "../functions/adapters/aws/clients.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { choice, integer, time } from "./cli/option.ts";
import { runCommand } from "./cli/run-command.ts";
import { createTerminal } from "./cli/terminal.ts";
import { discoverStage } from "./discover.ts";
import { flightOptions, loadFlights } from "./replay/flight-options.ts";
import { planPhases } from "./replay/phases.ts";
import { showReplay } from "./replay/show-replay.ts";

const { flights, from, out, json } = flightOptions;
const command = {
  usage: "npm run replay --",
  summary:
    "Put real flights on the events stream of a deployed stage and compare the predictions with the truth.",
  options: {
    flights,
    from,
    to: time("last scheduled departure, exclusive", undefined),
    rate: integer("events per second", {
      min: 1,
      max: 100_000,
      fallback: undefined,
      shownDefault: "200 at first, for the latency, then all that the stream takes",
    }),
    stage: choice("stage", stageName.options, "dev"),
    out,
    json,
  },
  notes: [
    "Endpoint, region and credentials come from the variables that the AWS SDK reads: AWS_ENDPOINT_URL, AWS_REGION,",
    "AWS_PROFILE, AWS_ACCESS_KEY_ID and the like.",
  ].join("\n"),
};

await runCommand(command, async (options, signal) => {
  const terminal = createTerminal(process.stdout);
  const endpoint = process.env.AWS_ENDPOINT_URL_KINESIS ?? process.env.AWS_ENDPOINT_URL;
  const isLocal = endpoint !== undefined;
  const chosen = await loadFlights({ fromMs: options.from, toMs: options.to, limit: options.flights });
  const stage = await discoverStage(options.stage);
  const client = kinesisClient({ maxAttempts: 4 });
  try {
    terminal.line(`  ${stage.EventsStreamName} → ${stage.PredictionsStreamName}`);
    const report = await showReplay({
      terminal,
      client,
      eventsStream: stage.EventsStreamName,
      predictionsStream: stage.PredictionsStreamName,
      model: "flight-delay",
      flights: chosen,
      phases: planPhases(chosen.length, options.rate),
      // AWS allows five reads a second and shard.
      pollIntervalMs: isLocal ? 20 : 250,
      quietMs: isLocal ? 20_000 : 60_000,
      context: {
        endpoint: endpoint ?? `https://kinesis.${await client.config.region()}.amazonaws.com`,
        startedAtMs: performance.timeOrigin,
      },
      out: options.out,
      signal,
    });
    if (report.missing > 0) {
      terminal.line(
        `\n${report.missing.toLocaleString("en-US")} events have no prediction; rejects are in s3://${stage.DataBucketName}/rejects/flight-delay/, parked batches in s3://${stage.ParkedBucketName}/`,
      );
    }
    if (options.json) terminal.line(JSON.stringify(report));
    return report.missing === 0 ? 0 : 1;
  } finally {
    client.destroy();
  }
});

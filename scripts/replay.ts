import { kinesisClient } from "../functions/adapters/aws/clients.ts";
import { stageName } from "../functions/contract/stack-outputs.ts";
import { choice, flag, integer, type Option, time } from "./cli/option.ts";
import { runCommand } from "./cli/run-command.ts";
import { createTerminal } from "./cli/terminal.ts";
import { UsageError } from "./cli/usage-error.ts";
import { discoverStage } from "./discover.ts";
import { flightOptions, loadEvents } from "./replay/flight-options.ts";
import { planPhases } from "./replay/phases.ts";
import { openReplayProgress } from "./replay/replay-progress.ts";
import { showReplay } from "./replay/show-replay.ts";

const { flights, from, history, out, json } = flightOptions;
const command = {
  usage: "npm run replay --",
  summary:
    "Put real flights on the events stream of a deployed stage and compare the predictions with the truth.",
  options: {
    flights,
    from,
    to: time("last scheduled departure, exclusive", undefined),
    history,
    speed: speed("how many times as fast as it happened: 1 is real time, max as fast as the stream takes it"),
    resume: flag("go on behind what the last replay of the same flights has put, where it was interrupted"),
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
    "Departures and arrivals come in the order in which they happened. What the stream has taken is noted in .headrace/,",
    "so that --resume goes on from there; events of the last calls may then be put a second time.",
    "Endpoint, region and credentials come from the variables that the AWS SDK reads: AWS_ENDPOINT_URL, AWS_REGION,",
    "AWS_PROFILE, AWS_ACCESS_KEY_ID and the like.",
  ].join("\n"),
};

/** `max`, or a number above 0. */
function speed(help: string): Option<number | undefined> {
  return {
    help,
    placeholder: "X",
    fallback: undefined,
    parse: (text) => {
      if (text === "max") return undefined;
      const value = /^[0-9]{1,9}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : 0;
      if (value > 0) return value;
      throw new Error("expected max or a number above 0, such as 1 or 60");
    },
  };
}

await runCommand(command, async (options, signal) => {
  const terminal = createTerminal(process.stdout);
  const endpoint = process.env.AWS_ENDPOINT_URL_KINESIS ?? process.env.AWS_ENDPOINT_URL;
  const isLocal = endpoint !== undefined;
  if (options.speed !== undefined && options.rate !== undefined)
    throw new UsageError("--speed: got one and a --rate, expected one of them");
  const selection = {
    fromMs: options.from,
    toMs: options.to,
    limit: options.flights,
    historyMs: options.history * 3_600_000,
  };
  const chosen = await loadEvents(selection);
  const stage = await discoverStage(options.stage);
  const progress = await openReplayProgress({
    name: `${options.stage} ${stage.EventsStreamName}`,
    selection,
    total: chosen.events.length,
    resume: options.resume,
  });
  const events = chosen.events.slice(progress.doneCount);
  const client = kinesisClient({ maxAttempts: 4 });
  try {
    terminal.line(`  ${stage.EventsStreamName} → ${stage.PredictionsStreamName}`);
    if (progress.doneCount > 0)
      terminal.line(`  behind ${progress.doneCount.toLocaleString("en-US")} events put before`);
    const report = await showReplay({
      terminal,
      client,
      eventsStream: stage.EventsStreamName,
      predictionsStream: stage.PredictionsStreamName,
      model: "flight-delay",
      events,
      phases: planPhases({
        eventCount: Math.min(events.length, chosen.events.length - chosen.historyCount),
        historyCount: Math.max(0, chosen.historyCount - progress.doneCount),
        ratePerSecond: options.rate,
        speed: options.speed,
      }),
      onPut: progress.put,
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
        `\n${report.missing.toLocaleString("en-US")} departures have no prediction; rejects are in s3://${stage.DataBucketName}/rejects/flight-delay/, parked batches in s3://${stage.ParkedBucketName}/`,
      );
    }
    if (options.json) terminal.line(JSON.stringify(report));
    return report.missing === 0 ? 0 : 1;
  } finally {
    await progress.close();
    client.destroy();
  }
});

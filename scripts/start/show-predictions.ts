import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Prediction } from "../../functions/contract/prediction.ts";
import type { Terminal } from "../cli/terminal.ts";
import { followStream } from "../replay/follow-stream.ts";
import { parsePrediction } from "../replay/scoreboard.ts";

export interface ShowPredictionsOptions {
  readonly client: KinesisClient;
  readonly streamName: string;
  readonly terminal: Terminal;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Most lines in one interval, so that a replay from another terminal does not flood this one. */
const maxLines = 8;
const intervalMs = 250;

/** Print predictions as they come, until the signal aborts. */
export async function showPredictions({
  client,
  streamName,
  terminal,
  signal,
}: ShowPredictionsOptions): Promise<void> {
  let waiting: Prediction[] = [];
  const follower = await followStream({
    client,
    streamName,
    pollIntervalMs: 20,
    onRecord: ({ Data = new Uint8Array() }) => waiting.push(parsePrediction(Data)),
  });
  const flush = () => {
    for (const one of waiting.slice(0, maxLines)) terminal.line(formatPrediction(one));
    if (waiting.length > maxLines) {
      terminal.line(terminal.dim(`  … and ${(waiting.length - maxLines).toLocaleString("en-US")} more`));
    }
    waiting = [];
  };
  const ticker = setInterval(flush, intervalMs);
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => aborted.resolve(), { once: true });
  if (signal.aborted) aborted.resolve();
  try {
    await Promise.race([follower.done, aborted.promise]);
  } finally {
    clearInterval(ticker);
    await follower.stop();
    flush();
  }
}

function formatPrediction({ eventId, model, outputs }: Prediction): string {
  const values = Object.entries(outputs).map(
    ([name, value]) => `${name} ${typeof value === "number" ? value.toFixed(4) : JSON.stringify(value)}`,
  );
  return `  ${model}  ${eventId}  ${values.join("  ")}`;
}

import { setTimeout as sleep } from "node:timers/promises";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { departureEvent } from "../flights/departure-event.ts";
import { type Flight, flightId } from "../flights/flight.ts";
import { followStream } from "./follow-stream.ts";
import type { Phase } from "./phases.ts";
import { type OutgoingEvent, putEvents } from "./put-events.ts";
import { createScoreboard, type ScoredFlight } from "./scoreboard.ts";

export interface ReplayOptions {
  readonly client: KinesisClient;
  readonly eventsStream: string;
  readonly predictionsStream: string;
  /** Name of the model whose predictions are awaited; the stream may carry those of others. */
  readonly model: string;
  /** In the order of their departure. */
  readonly flights: readonly Flight[];
  /** Their flight counts add up to the flights. */
  readonly phases: readonly Phase[];
  /** @see FollowOptions.pollIntervalMs */
  readonly pollIntervalMs: number;
  /** How long nothing new may come before what is missing is given up. */
  readonly quietMs: number;
  /** How many of the events were rejected so far; they get no prediction and are not waited for. @default none */
  readonly rejectedCount?: () => number;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ReplayProgress {
  readonly phase: Phase["name"];
  readonly sentCount: number;
  readonly scoredCount: number;
}

export interface ReplayResult {
  /** In the order their predictions came. */
  readonly scored: readonly ScoredFlight[];
  readonly missing: readonly Flight[];
  readonly duplicateCount: number;
  /** Records that Kinesis refused (throttling) and that were sent again. */
  readonly refusalCount: number;
  readonly phases: readonly PhaseResult[];
}

export interface PhaseResult extends Phase {
  readonly scored: readonly ScoredFlight[];
  /** From the first event sent to the last prediction seen. */
  readonly seconds: number;
}

/**
 * Put flights on the events stream as departures and match what comes out of the predictions stream.
 *
 * Each phase ends when all its predictions have come, so phases do not queue behind each other.
 *
 * @throws {Error} when a stream cannot be written or read. Missing predictions are no error; they are in the result.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { client, flights } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  const board = createScoreboard(options.model);
  const follower = await followStream({
    client,
    streamName: options.predictionsStream,
    pollIntervalMs: options.pollIntervalMs,
    onRecord: ({ Data = new Uint8Array() }) => board.take(Data),
  });
  const byId = new Map(flights.map((flight) => [flightId(flight), flight]));
  const phases: PhaseResult[] = [];
  let refusalCount = 0;
  let start = 0;

  const runPhase = async (phase: Phase) => {
    const chosen = flights.slice(start, start + phase.flightCount);
    start += phase.flightCount;
    const scoredBefore = board.scoredCount;
    const report = () =>
      options.onProgress?.({
        phase: phase.name,
        sentCount: board.sentCount,
        scoredCount: board.scoredCount,
      });
    const ticker = setInterval(report, 100);
    const startedAt = performance.now();
    try {
      const { refusals } = await putEvents({
        client,
        streamName: options.eventsStream,
        events: outgoingEvents(chosen),
        ratePerSecond: phase.ratePerSecond,
        onSend: (events, sentAtMs) => {
          for (const { id } of events) board.sent(byId.get(id)!, sentAtMs);
        },
        signal,
      });
      refusalCount += refusals;
      await settle();
    } finally {
      clearInterval(ticker);
      report();
    }
    phases.push({
      ...phase,
      scored: board.scored.slice(scoredBefore),
      seconds: (board.lastScoredAt - startedAt) / 1_000,
    });
  };
  /** Wait until every event sent has its prediction or reject, or nothing new has come for long enough. */
  const settle = async () => {
    const sentAllAt = performance.now();
    const rejectedCount = options.rejectedCount ?? (() => 0);
    while (board.scoredCount + rejectedCount() < board.sentCount) {
      signal?.throwIfAborted();
      // Rejects may be counted late and predictions lost; neither may hold the run for ever.
      if (performance.now() - Math.max(sentAllAt, board.lastScoredAt) > options.quietMs) return;
      await sleep(10);
    }
  };

  try {
    const run = async () => {
      for (const phase of options.phases) await runPhase(phase);
    };
    await Promise.race([run(), follower.done]);
  } finally {
    stopping.abort();
    await follower.stop();
  }
  return {
    scored: board.scored,
    missing: board.missing(),
    duplicateCount: board.duplicateCount,
    refusalCount,
    phases,
  };
}

function* outgoingEvents(flights: readonly Flight[]): Generator<OutgoingEvent> {
  for (const flight of flights) {
    const data = Buffer.from(JSON.stringify(departureEvent(flight)));
    yield { id: flightId(flight), partitionKey: flight.origin, data };
  }
}

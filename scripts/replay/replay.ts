import { setTimeout as sleep } from "node:timers/promises";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { type Flight, flightId } from "../flights/flight.ts";
import type { FlightEvent } from "../flights/interleaved-events.ts";
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
  /** In the order in which they happened. */
  readonly events: readonly FlightEvent[];
  /** Their event counts add up to the events. */
  readonly phases: readonly Phase[];
  /** @see FollowOptions.pollIntervalMs */
  readonly pollIntervalMs: number;
  /** How long nothing new may come before what is missing is given up. */
  readonly quietMs: number;
  /** How many of the events were rejected so far; they get no prediction and are not waited for. @default none */
  readonly rejectedCount?: () => number;
  /** Waits until the service is done with so many events. @default it is not waited for what asks for nothing */
  readonly untilDone?: (eventCount: number) => Promise<void>;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Called with the events of a call that the stream has taken. */
  readonly onPut?: (events: readonly OutgoingEvent[]) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ReplayProgress {
  readonly phase: Phase["name"];
  /** Events sent so far. */
  readonly sentCount: number;
  /** In the order their predictions came. */
  readonly scored: readonly ScoredFlight[];
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
  /** From the first event sent to the last prediction seen; of the day before, until it is done. */
  readonly seconds: number;
  /** Events up to the last one that a prediction was asked for; those behind it are not seen to be done. */
  readonly timedCount: number;
}

/**
 * Put flights on the events stream as departures and arrivals, and match what comes out of the predictions stream.
 *
 * Each phase ends when all its predictions have come, so phases do not queue behind each other.
 *
 * @throws {Error} when a stream cannot be written or read. Missing predictions are no error; they are in the result.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { client, events } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  const board = createScoreboard(options.model);
  const follower = await followStream({
    client,
    streamName: options.predictionsStream,
    pollIntervalMs: options.pollIntervalMs,
    onRecord: ({ Data = new Uint8Array() }) => board.take(Data),
  });
  const departures = new Map(
    events.flatMap(({ event, flight }) => (event.type === "departure" ? [[flightId(flight), flight]] : [])),
  );
  const phases: PhaseResult[] = [];
  let refusalCount = 0;
  let sentCount = 0;
  let start = 0;

  const runPhase = async (phase: Phase) => {
    const chosen = events.slice(start, start + phase.eventCount);
    start += phase.eventCount;
    const scoredBefore = board.scoredCount;
    const report = () => options.onProgress?.({ phase: phase.name, sentCount, scored: board.scored });
    const ticker = setInterval(report, 100);
    const startedAt = performance.now();
    try {
      const { refusals } = await putEvents({
        client,
        streamName: options.eventsStream,
        events: outgoingEvents(chosen, start - chosen.length, phase.speed),
        ratePerSecond: phase.ratePerSecond,
        // With more, whole calls overtake each other: at full speed more than half of the arrivals would come to
        // their shard hours late by their own time, and views pass late events over.
        maxInFlight: 1,
        onSend: (sent, sentAtMs) => {
          sentCount += sent.length;
          for (const { id } of sent) {
            const [type, flight] = id.split("/");
            if (type === "departure") board.sent(departures.get(flight!)!, sentAtMs);
          }
        },
        ...(options.onPut && { onPut: options.onPut }),
        signal,
      });
      refusalCount += refusals;
      await settle();
    } finally {
      clearInterval(ticker);
      report();
    }
    // What comes before a measurement must not be part of it.
    if (phase.name === "the day before") await options.untilDone?.(sentCount);
    const endedAt = phase.name === "the day before" ? performance.now() : board.lastScoredAt;
    phases.push({
      ...phase,
      scored: board.scored.slice(scoredBefore),
      seconds: (endedAt - startedAt) / 1_000,
      timedCount: chosen.findLastIndex(({ event }) => event.type === "departure") + 1,
    });
  };
  /** Wait until every departure sent has its prediction or reject, or nothing new has come for long enough. */
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

/** The id tells both events of a flight apart. */
function* outgoingEvents(
  events: readonly FlightEvent[],
  firstPosition: number,
  speed: number | undefined,
): Generator<OutgoingEvent> {
  const startMs = events[0]?.timeMs ?? 0;
  for (const [i, { event, timeMs }] of events.entries()) {
    yield {
      position: firstPosition + i,
      id: `${event.type}/${event.flight}`,
      partitionKey: event.origin,
      data: Buffer.from(JSON.stringify(event)),
      ...(speed !== undefined && { dueMs: (timeMs - startMs) / speed }),
    };
  }
}

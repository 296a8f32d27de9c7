import type { ShadowBatch } from "../contract/shadow.ts";
import type { EventIdentity } from "../core/prediction/event-identity.ts";
import type { EncodedRows } from "../core/prediction/prediction-builder.ts";
import { isShadowed } from "../core/rollout/route.ts";
import { takeSameRows } from "../core/rollout/same-rows.ts";
import type { ServingRoles } from "../core/rollout/serving-roles.ts";
import type { PredictDeps } from "./deps.ts";
import { isDoneWithin } from "./within.ts";

/** An event that was answered. */
export interface ServedEvent {
  readonly identity: EventIdentity;
  /** What names it: its own id, or its place. */
  readonly eventId: string;
  /** In the request. */
  readonly position: number;
  /** In the encoded rows. */
  readonly row: number;
}

/** One request's part in shadowing. */
export interface ShadowSending {
  /**
   * Hand over what the shadow's sample has of a chunk, without waiting; never throws.
   *
   * @param rows - the champion's encoded rows; undefined where they cannot be copied.
   */
  send(events: readonly ServedEvent[], rows: EncodedRows | undefined): void;
  /** Wait a moment for what is on its way, and drop what is then not taken. */
  settle(): Promise<void>;
}

export interface ShadowRequest {
  readonly roles: Pick<ServingRoles, "champion" | "shadow">;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly arrivalMs: number;
}

/** Well below what an asynchronous invocation takes, 1 MB, and what AWS charges as one, 256 KB. */
const maxBatchBytes = 128 * 1024;
/** Batches of one request; what is more is dropped. */
const maxBatches = 8;
/** How long an answer that is ready waits for the shadow's function to take its rows. */
const patienceMs = 25;
/** After so many requests in a row that had to drop rows for want of time, none is sent for a while. */
const maxMisses = 3;
const pauseMs = 10_000;

/**
 * Make what hands served rows to the shadow, over all requests of an environment.
 *
 * It is a sample: rows that are too many, too large, of another layout than the shadow's, or not taken in time are dropped
 * and counted (`ShadowDropped`), and never tried again.
 *
 * @returns starts with a request; undefined there where no shadow is on.
 */
export function createShadowSender(
  deps: Pick<PredictDeps, "shadows" | "metrics" | "logger" | "nowMs">,
): (request: ShadowRequest) => ShadowSending | undefined {
  const { shadows, metrics, logger, nowMs } = deps;
  let misses = 0;
  let pausedUntilMs = Number.NEGATIVE_INFINITY;

  return ({ roles: { champion, shadow }, requestId, arrivalMs }) => {
    if (shadow === undefined || shadows === undefined) return undefined;
    const { digest } = shadow.model;
    const canTake = takeSameRows(champion, shadow.model);
    const giveUp = new AbortController();
    const sends: Promise<void>[] = [];
    let open = 0;

    return {
      send(events, rows) {
        const sampled = events.filter(({ eventId }) => isShadowed(eventId, digest, shadow.sample));
        if (!canTake || rows === undefined || nowMs() < pausedUntilMs) return drop(sampled.length);
        const batches = split(sampled, rows);
        const taken = batches.slice(0, maxBatches - sends.length);
        drop(sampled.length - taken.flat().length);
        for (const batch of taken) sends.push(sendBatch(batch, rows));
      },
      async settle() {
        if (sends.length === 0) return;
        if (await isDoneWithin(Promise.all(sends), patienceMs)) {
          misses = 0;
          return;
        }
        drop(open);
        open = 0;
        giveUp.abort();
        misses++;
        if (misses < maxMisses) return;
        misses = 0;
        pausedUntilMs = nowMs() + pauseMs;
      },
    };

    async function sendBatch(
      events: readonly ServedEvent[],
      { bytes, rowBytes }: EncodedRows,
    ): Promise<void> {
      const picked = events.map(({ row }) => bytes.subarray(row * rowBytes, (row + 1) * rowBytes));
      const batch: ShadowBatch = {
        ...{ digest, requestId, arrivalMs },
        events: events.map(({ identity, position }) => ({ position, ...identity })),
        rows: Buffer.concat(picked).toString("base64"),
      };
      open += events.length;
      try {
        await shadows!.put(batch, giveUp.signal);
        open -= events.length;
      } catch (error) {
        // What was given up is counted already.
        if (giveUp.signal.aborted) return;
        open -= events.length;
        drop(events.length);
        logger.warn("served rows did not reach the shadow", { error, rows: events.length });
      }
    }
  };

  function drop(rows: number): void {
    if (rows > 0) metrics.add("ShadowDropped", rows, "Count");
  }
}

/** Events in batches that each are small enough, as they will be written; those too large for any are left out. */
function split(events: readonly ServedEvent[], { rowBytes }: EncodedRows): ServedEvent[][] {
  const batches: ServedEvent[][] = [];
  let room = 0;
  for (const event of events) {
    const sizeBytes = Math.ceil((rowBytes * 4) / 3) + Buffer.byteLength(JSON.stringify(event.identity)) + 64;
    if (sizeBytes > maxBatchBytes) continue;
    if (sizeBytes > room) {
      batches.push([]);
      room = maxBatchBytes;
    }
    batches.at(-1)!.push(event);
    room -= sizeBytes;
  }
  return batches;
}

import { interleavedEvents } from "../../../scripts/flights/interleaved-events.ts";
import { createWindowOracle } from "../../functions/stream/streaming/window-oracle.ts";
import { kinesisEvent } from "../kinesis-event.ts";
import type { Delivery } from "../throughput/workload.ts";
import { oracleFeatures, oracleViews } from "./flight-model.ts";

export interface CarryingEvent {
  /** Partition key. */
  readonly origin: string;
  readonly event: object;
  /** A departure's features as a row of the model's input; empty for an arrival. */
  readonly row: readonly number[];
}

/**
 * Real flights from February 2001 on, departures and arrivals in the order of their time.
 *
 * Each departure carries the windows that it is to see, as the tests' oracle computes them: for the variant that takes
 * them from the event, and so that all variants decode the same bytes.
 */
export async function* carryingEvents(): AsyncGenerator<CarryingEvent> {
  const oracle = createWindowOracle(oracleViews, oracleFeatures);
  const selection = { fromMs: Date.UTC(2001, 1, 1), limit: Number.POSITIVE_INFINITY };
  for await (const { event, timeMs } of interleavedEvents(selection)) {
    const { origin } = event;
    if (event.type === "departure") {
      const windows = oracle.ask({ ...event }, timeMs);
      const carried = Object.fromEntries(oracleFeatures.map(({ name }, i) => [name, windows[i]]));
      yield { origin, event: { ...event, ...carried }, row: [event.distance, ...windows] };
    } else {
      oracle.feed({ ...event }, timeMs, event.delay);
      yield { origin, event, row: [] };
    }
  }
}

/**
 * The same as one shard delivers them.
 *
 * @param recordCount - records of one delivery.
 */
export async function* flightDeliveries(recordCount: number): AsyncGenerator<Delivery> {
  let batch: CarryingEvent[] = [];
  let sequenceNumber = 0;
  for await (const each of carryingEvents()) {
    batch.push(each);
    if (batch.length < recordCount) continue;
    const events = batch.map(({ event }) => event);
    yield {
      text: JSON.stringify(kinesisEvent(events, sequenceNumber)),
      rows: Float32Array.from(batch.flatMap(({ row }) => row)),
    };
    sequenceNumber += batch.length;
    batch = [];
  }
}

import { interleavedEvents } from "../../../scripts/flights/interleaved-events.ts";
import { createWindowOracle } from "../../functions/stream/streaming/window-oracle.ts";
import { kinesisEvent } from "../kinesis-event.ts";
import type { Delivery } from "../throughput/workload.ts";
import { oracleFeatures, oracleViews } from "./flight-model.ts";

/**
 * Real flights from February 2001 on, departures and arrivals in the order of their time, as one shard delivers them.
 *
 * Each departure carries the windows that it is to see, as the tests' oracle computes them: for the variant that takes
 * them from the event, and so that all variants decode the same bytes. They are the delivery's `rows`, too.
 *
 * @param recordCount - records of one delivery.
 */
export async function* flightDeliveries(recordCount: number): AsyncGenerator<Delivery> {
  const oracle = createWindowOracle(oracleViews, oracleFeatures);
  let events: object[] = [];
  let rows: number[] = [];
  let sequenceNumber = 0;
  const selection = { fromMs: Date.UTC(2001, 1, 1), limit: Number.POSITIVE_INFINITY };
  for await (const { event, timeMs } of interleavedEvents(selection)) {
    if (event.type === "departure") {
      const windows = oracle.ask({ ...event }, timeMs);
      rows.push(event.distance, ...windows);
      events.push({
        ...event,
        ...Object.fromEntries(oracleFeatures.map(({ name }, i) => [name, windows[i]])),
      });
    } else {
      oracle.feed({ ...event }, timeMs, event.delay);
      events.push(event);
    }
    if (events.length < recordCount) continue;
    yield { text: JSON.stringify(kinesisEvent(events, sequenceNumber)), rows: Float32Array.from(rows) };
    sequenceNumber += events.length;
    events = [];
    rows = [];
  }
}

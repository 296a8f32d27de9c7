import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import { kinesisEvent } from "../kinesis-event.ts";

/** Records of one delivery: two chunks of the largest size. */
export const deliveryRows = 2_048;

/**
 * Deliveries before the first one comes again. 65,536 rows are more than the result cache holds (about 40,000 of 30
 * features in its 16 MiB), so no row is ever answered from it.
 */
export const deliveryCount = 32;

/** What a model is measured on. */
export interface Workload {
  readonly name: string;
  /** The package as it is published. */
  readonly files: PackageFiles;
  readonly featureCount: number;
  /** The model's output that is compared, its width, and the column that counts. */
  readonly tensor: { readonly name: string; readonly width: number; readonly column: number };
  /** Name of that number among a prediction's outputs. */
  readonly output: string;
  readonly deliveries: readonly Delivery[];
  /** The usual way from an event's text to its features. */
  readonly parseRow: (json: unknown) => Float32Array;
}

/** What a function is called with once, and the features of its rows ready to be run. */
export interface Delivery {
  /** The event as Lambda's runtime receives it: JSON text. */
  readonly text: string;
  /** Row-major, rows × `featureCount`. */
  readonly rows: Float32Array;
}

/** The same deliveries again and again. */
export function* rotate(deliveries: readonly Delivery[]): Generator<Delivery, never> {
  for (;;) yield* deliveries;
}

/** Pack events as Lambda delivers them, and their features as a tensor. */
export function makeDeliveries(
  events: readonly object[],
  parseRow: Workload["parseRow"],
): readonly Delivery[] {
  return Array.from({ length: Math.floor(events.length / deliveryRows) }, (_, i) => {
    const chosen = events.slice(i * deliveryRows, (i + 1) * deliveryRows);
    const rows = chosen.map(parseRow);
    const width = rows[0]!.length;
    const flat = new Float32Array(width * rows.length);
    rows.forEach((row, at) => {
      flat.set(row, at * width);
    });
    return { text: JSON.stringify(kinesisEvent(chosen, i * deliveryRows)), rows: flat };
  });
}

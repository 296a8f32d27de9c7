import type { ModelDigest } from "../../contract/ids.ts";
import type { PredictionRole } from "../../contract/prediction.ts";
import type { Place } from "../../contract/reject.ts";
import type { EventIdentity } from "./event-identity.ts";
import { createInstantWriter } from "./instant-text.ts";
import { type PredictionBatch, pickRows } from "./prediction-batch.ts";
import { createPredictionNamer, placeText } from "./prediction-id.ts";

/** Gathers the events of one chunk and, once the model has answered, makes predictions of them. */
export interface PredictionBuilder {
  /** Events added since the last `build` or `clear`. */
  readonly count: number;
  /** The caller's own position of event `i`. */
  positionOf(i: number): number;
  add(identity: EventIdentity, arrivalMs: number, position: number): void;
  /**
   * Make the predictions of the events that have outputs.
   *
   * @param outputs - per event, in the order added: its outputs as JSON text, or undefined for none.
   * @param features - the events' encoded rows; absent where nothing will read them.
   * @returns the predictions, and for each of them the event it came from.
   */
  build(
    outputs: readonly (string | undefined)[],
    features: EncodedRows | undefined,
  ): { batch: PredictionBatch; eventOf: readonly number[] };
  clear(): void;
}

export interface EncodedRows {
  readonly bytes: Uint8Array;
  readonly rowBytes: number;
}

export interface PredictionBuilderOptions {
  readonly model: string;
  readonly digest: ModelDigest;
  readonly role: PredictionRole;
  /** How long a stored prediction is kept after its event or its writing, whichever is later. */
  readonly keepSeconds: number;
  /** Where the event at a position of the caller's stood: names the predictions of events without an id. */
  readonly placeOf: (position: number) => Place;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function createPredictionBuilder(options: PredictionBuilderOptions): PredictionBuilder {
  const { model, digest, role } = options;
  const namer = createPredictionNamer(model, role);
  const writeInstant = createInstantWriter();
  const middle = `","model":${JSON.stringify(model)},"digest":"${digest}","role":"${role}","eventId":`;
  let predictionIds: string[] = [];
  let eventIds: string[] = [];
  let entities: string[] = [];
  let timesMs: number[] = [];
  let positions: number[] = [];

  return {
    get count() {
      return positions.length;
    },
    positionOf: (i) => positions[i]!,
    add,
    build,
    clear,
  };

  function add(identity: EventIdentity, arrivalMs: number, position: number): void {
    const { id, timeMs, entity } = identity;
    const where = id === undefined ? options.placeOf(position) : undefined;
    const eventId = id ?? placeText(where!);
    predictionIds.push(where === undefined ? namer.ofEvent(eventId, timeMs) : namer.ofPlace(where));
    eventIds.push(eventId);
    entities.push(entity ?? eventId);
    timesMs.push(timeMs ?? arrivalMs);
    positions.push(position);
  }

  function build(outputs: readonly (string | undefined)[], features: EncodedRows | undefined) {
    const eventOf = predictionIds.map((_, i) => i).filter((i) => outputs[i] !== undefined);
    const nowMs = options.now();
    const pick = <Value>(column: readonly Value[]) =>
      eventOf.length === column.length ? column : eventOf.map((i) => column[i]!);
    const batch: PredictionBatch = {
      count: eventOf.length,
      model,
      role,
      predictionIds: pick(predictionIds),
      eventIds: pick(eventIds),
      entities: pick(entities),
      bodies: eventOf.map((i) => bodyOf(i, outputs[i]!)),
      features:
        features === undefined ? new Uint8Array(0) : pickRows(features.bytes, features.rowBytes, eventOf),
      featureBytes: features?.rowBytes ?? 0,
      expiresAt: eventOf.map((i) => Math.ceil(Math.max(timesMs[i]!, nowMs) / 1000) + options.keepSeconds),
    };
    clear();
    return { batch, eventOf };
  }

  /** `contract/prediction.ts` as text; concatenated, since a JSON serialiser would cost more than the model. */
  function bodyOf(i: number, outputs: string): string {
    const time = writeInstant(timesMs[i]!);
    return `{"predictionId":"${predictionIds[i]}${middle}${JSON.stringify(eventIds[i])},"eventTime":"${time}","outputs":${outputs}}`;
  }

  function clear(): void {
    predictionIds = [];
    eventIds = [];
    entities = [];
    timesMs = [];
    positions = [];
  }
}

import type { ModelDigest } from "../../contract/ids.ts";
import type { PredictionRole } from "../../contract/prediction.ts";
import type { Place } from "../../contract/reject.ts";
import type { EventIdentity } from "./event-identity.ts";
import { createInstantWriter } from "./instant-text.ts";
import type { PredictionBatch } from "./prediction-batch.ts";
import { createPredictionNamer, placeText } from "./prediction-id.ts";

/** Gathers the events of one chunk and, once the model has answered, makes predictions of them. */
export interface PredictionBuilder {
  /** Events added since the last `build` or `clear`. */
  readonly count: number;
  /** The caller's own position of event `i`. */
  positionOf(i: number): number;
  /** What routes event `i`. */
  entityOf(i: number): string;
  /** What names event `i`: its own id, or its place. */
  eventIdOf(i: number): string;
  add(identity: EventIdentity, arrivalMs: number, position: number): void;
  /**
   * Make the predictions of the events that have outputs.
   *
   * @param outputs - per event, in the order added: its outputs as JSON text, or undefined for none.
   * @param features - the events' encoded rows; absent where nothing will read them.
   * @param beside - what a challenger has to do with them; absent where there is none.
   * @returns the predictions, and for each of them the event it came from.
   */
  build(
    outputs: readonly (string | undefined)[],
    features: EncodedRows | undefined,
    beside?: RowsBeside,
  ): { batch: PredictionBatch; eventOf: readonly number[] };
  clear(): void;
}

export interface EncodedRows {
  readonly bytes: Uint8Array;
  readonly rowBytes: number;
}

/** A version that answers events in the builder's own stead. */
export interface Answerer {
  readonly digest: ModelDigest;
  readonly role: PredictionRole;
}

/** What another version has to do with the events, per event in the order added. */
export interface RowsBeside {
  /** Who gave the event's outputs; undefined for the builder's own version. */
  readonly answerers: readonly (Answerer | undefined)[];
  /** What the one that did not answer said: the JSON text of `contract/rival.ts`. */
  readonly rivals: readonly (string | undefined)[];
  /** Its encoded rows, where it is given other features than the builder's own version. */
  readonly features?: EncodedRows;
}

export interface PredictionBuilderOptions {
  readonly model: string;
  readonly digest: ModelDigest;
  /** What the predictions are made as, and named by. */
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
  const middleOf = (by: Answerer) =>
    `","model":${JSON.stringify(model)},"digest":"${by.digest}","role":"${by.role}","eventId":`;
  const own: Answerer = { digest, role };
  const ownMiddle = middleOf(own);
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
    entityOf: (i) => entities[i]!,
    eventIdOf: (i) => eventIds[i]!,
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

  function build(
    outputs: readonly (string | undefined)[],
    features: EncodedRows | undefined,
    beside?: RowsBeside,
  ) {
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
      bodies: eventOf.map((i) => bodyOf(i, outputs[i]!, beside?.answerers[i])),
      features: eventOf.map((i) =>
        rowAt(beside?.answerers[i] && beside.features ? beside.features : features, i),
      ),
      expiresAt: eventOf.map((i) => Math.ceil(Math.max(timesMs[i]!, nowMs) / 1000) + options.keepSeconds),
      ...(beside && { rivals: pick(beside.rivals) }),
    };
    clear();
    return { batch, eventOf };
  }

  /** `contract/prediction.ts` as text; concatenated, since a JSON serialiser would cost more than the model. */
  function bodyOf(i: number, outputs: string, by: Answerer | undefined): string {
    const middle = by === undefined ? ownMiddle : middleOf(by);
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

const noRow = new Uint8Array(0);

function rowAt(rows: EncodedRows | undefined, i: number): Uint8Array {
  return rows === undefined ? noRow : rows.bytes.subarray(i * rows.rowBytes, (i + 1) * rows.rowBytes);
}

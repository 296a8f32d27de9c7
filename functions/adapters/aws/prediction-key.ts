import { createHash } from "node:crypto";
import type { PredictionName } from "../../core/outcome/outcome-store.ts";
import type { PredictionBatch } from "../../core/prediction/prediction-batch.ts";

/** DynamoDB's bounds on a partition key and a sort key, in bytes of UTF-8. */
const maxPartitionKeyBytes = 2048;
const maxSortKeyBytes = 1024;

/** Key of a stored prediction: all predictions of one event stand together, one per role and id. */
export interface PredictionKey {
  readonly pk: string;
  readonly sk: string;
}

export function predictionKey(batch: PredictionBatch, row: number): PredictionKey {
  const { model, role } = batch;
  return keyOf({ model, role, eventId: batch.eventIds[row]!, predictionId: batch.predictionIds[row]! });
}

export function keyOf({ model, role, eventId, predictionId }: PredictionName): PredictionKey {
  return { pk: eventKey(model, eventId), sk: bounded(`${role}#`, predictionId, maxSortKeyBytes) };
}

/** Role and prediction id of a sort key. An id that stands there by its hash is known by that: its key is the same. */
export function readSortKey(sk: string): Pick<PredictionName, "role" | "predictionId"> {
  const end = sk.indexOf("#");
  return { role: sk.slice(0, end), predictionId: sk.slice(end + 1) };
}

/** Partition key of an event's predictions; an id too long for a key stands in it by its hash. */
export function eventKey(model: string, eventId: string): string {
  return bounded(`${model}#`, eventId, maxPartitionKeyBytes);
}

function bounded(prefix: string, id: string, maxBytes: number): string {
  const key = prefix + id;
  if (Buffer.byteLength(key) <= maxBytes) return key;
  return `${prefix}sha256:${createHash("sha256").update(id).digest("hex")}`;
}

import { isUtf8 } from "node:buffer";
import type { ArchivedEvent } from "../contract/archived-event.ts";
import type { RedactedEvent } from "../core/private/redactor.ts";

/** Where an event stood and when it arrived. */
export type ArchivedPlace = Pick<ArchivedEvent, "shard" | "sequenceNumber" | "subIndex" | "arrivedAt">;

/** One line of an archive object, its end included. */
export function archivedLine(place: ArchivedPlace, { partitionKey, data, withheld }: RedactedEvent): string {
  const line: ArchivedEvent =
    withheld === undefined
      ? { ...place, partitionKey, ...textOf(data!) }
      : { ...place, partitionKey, withheld };
  return `${JSON.stringify(line)}\n`;
}

function textOf(data: Buffer): { readonly data: string; readonly encoding?: "base64" } {
  if (isUtf8(data)) return { data: data.toString("utf8") };
  return { data: data.toString("base64"), encoding: "base64" };
}

import { hash } from "node:crypto";
import type { PredictionId } from "../../contract/ids.ts";
import type { PredictionRole } from "../../contract/prediction.ts";
import type { Place } from "../../contract/reject.ts";

/** Characters of a prediction id: 132 bits of a SHA-256, in base64url. */
const length = 22;

/** Names the predictions of one model in one role; the same event gets the same name, whatever version answers. */
export interface PredictionNamer {
  /** From the event's own id, and its own time where the package names one. */
  ofEvent(eventId: string, timeMs: number | undefined): PredictionId;
  /** From where the event stood, for events without an id. */
  ofPlace(place: Place): PredictionId;
}

export function createPredictionNamer(model: string, role: PredictionRole): PredictionNamer {
  // The kind, the model and the role hold no NUL, and a time is digits: no two events share a text.
  const eventPrefix = `event\u0000${model}\u0000${role}\u0000`;
  const placePrefix = `place\u0000${model}\u0000${role}\u0000`;
  return {
    ofEvent: (eventId, timeMs) => name(`${eventPrefix}${eventId}\u0000${timeMs ?? ""}`),
    ofPlace: (place) => name(placePrefix + placeText(place)),
  };
}

/** A place as one string: `stream ARN/shard/sequence number/sub-record index`. */
export function placeText({ stream, shard, sequenceNumber, subIndex }: Place): string {
  return `${stream}/${shard}/${sequenceNumber}/${subIndex}`;
}

function name(text: string): PredictionId {
  return hash("sha256", text, "base64url").slice(0, length) as PredictionId;
}

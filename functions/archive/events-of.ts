import type { KinesisStreamRecordPayload } from "aws-lambda";
import { disaggregate } from "../core/decode/aggregated-record.ts";
import { InputError } from "../core/errors.ts";
import type { GivenEvent } from "../core/private/redactor.ts";

/** The events of one record: those that were aggregated into it, or itself, also where it is damaged. */
export function eventsOf({
  partitionKey,
  data,
}: Pick<KinesisStreamRecordPayload, "partitionKey" | "data">): readonly GivenEvent[] {
  return partsOf(data) ?? [{ partitionKey, data: Buffer.from(data, "base64") }];
}

function partsOf(base64: string): readonly GivenEvent[] | undefined {
  try {
    return disaggregate(base64);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}

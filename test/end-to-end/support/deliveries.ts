import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { vi } from "vitest";
import type { Stage } from "./stage.ts";

/** What event sources handed to models' functions, as far as a test has watched. */
export interface Deliveries {
  /** Events that functions reported done, by key: their numbers, in the order done. */
  readonly done: ReadonlyMap<string, readonly number[]>;
  /** Events that came before one of their key was done, in words. */
  readonly early: readonly string[];
}

/**
 * Watch the batches of events whose ids are `<key>:<number>`, each key's numbered from 0 in the order put.
 *
 * What a function saw and called done is exact where what it emitted is not: on a slow machine a write may time out,
 * and then the batch rightly comes again.
 */
export function watchDeliveries({ cloud: { lambda } }: Stage): Deliveries {
  const done = new Map<string, number[]>();
  const early: string[] = [];
  const invoke = lambda.invoke.bind(lambda);
  vi.spyOn(lambda, "invoke").mockImplementation(async (name, payload, options) => {
    // The archive sees the same records, and is told so by having no model.
    if (lambda.getFunction(name).environment.HEADRACE_MODEL === undefined)
      return invoke(name, payload, options);
    const { Records }: KinesisStreamEvent = JSON.parse(payload.toString());
    const records = Records.map(({ kinesis: { data, sequenceNumber } }) => {
      const [key, number] = JSON.parse(Buffer.from(data, "base64").toString("utf8")).id.split(":");
      return { key, number: Number(number), sequenceNumber };
    });
    for (const [key, ofKey] of Map.groupBy(records, (record) => record.key)) {
      const next = done.get(key)?.length ?? 0;
      ofKey.forEach(({ number }, i) => {
        if (number !== next + i) early.push(`${key}: ${number} came where ${next + i} was next`);
      });
    }
    const result = await invoke(name, payload, options);
    for (const { key, number } of records.slice(0, doneCount(records, result))) {
      done.set(key, [...(done.get(key) ?? []), number]);
    }
    return result;
  });
  return { done, early };
}

/** How many records from the first on a function reported done. */
function doneCount(
  records: readonly { readonly sequenceNumber: string }[],
  { payload, functionError }: { readonly payload: Buffer; readonly functionError?: string },
): number {
  if (functionError !== undefined) return 0;
  const { batchItemFailures }: KinesisStreamBatchResponse = JSON.parse(payload.toString());
  const failed = batchItemFailures[0]?.itemIdentifier;
  return failed === undefined
    ? records.length
    : records.findIndex(({ sequenceNumber }) => sequenceNumber === failed);
}

import { randomUUID } from "node:crypto";
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import type { FunctionConfig } from "../../../scripts/local/lambda/function-config.ts";
import type { Stage } from "./stage.ts";
import type { StreamRecord } from "./stream-records.ts";

/** A model's stream function: the one of its functions that has an event source. */
export function streamFunctionOf(stage: Stage, model: string): FunctionConfig {
  const { lambda } = stage.cloud;
  return lambda.getFunction(eventSourceOf(stage, model).mapping.functionName);
}

/** Switch a model's event source off, once what runs has finished. @returns what switches it on again. */
export async function pauseEventSource(stage: Stage, model: string): Promise<() => Promise<void>> {
  const { lambda } = stage.cloud;
  const { uuid } = eventSourceOf(stage, model).mapping;
  await lambda.updateEventSourceMapping(uuid, { enabled: false });
  return () => lambda.updateEventSourceMapping(uuid, { enabled: true });
}

/** A second event source on a model's function, as one who has lost the place of the first would make. */
export function readAgainFromTheStart(stage: Stage, model: string): void {
  const { mapping } = eventSourceOf(stage, model);
  stage.cloud.lambda.createEventSourceMapping({ ...mapping, uuid: randomUUID() });
}

/** A second event source on the archive, from the start and in other batches: each event is archived again. */
export function archiveAgainFromTheStart(stage: Stage, batchSize: number): void {
  const { mapping } = findEventSource(stage, ({ HEADRACE_MODELS }) => HEADRACE_MODELS !== undefined)!;
  stage.cloud.lambda.createEventSourceMapping({ ...mapping, uuid: randomUUID(), batchSize });
}

/** Invoke a model's stream function with a batch, past its event source. @throws {Error} when it fails as a whole. */
export async function deliver(
  stage: Stage,
  model: string,
  batch: KinesisStreamEvent,
): Promise<KinesisStreamBatchResponse> {
  const { functionName } = streamFunctionOf(stage, model);
  const { payload, functionError } = await stage.cloud.lambda.invoke(functionName, JSON.stringify(batch));
  if (functionError !== undefined) throw new Error(`${functionError}: ${payload.toString()}`);
  return JSON.parse(payload.toString());
}

/**
 * Records of one shard as Lambda hands them to a function.
 *
 * @see AWS Lambda developer guide, "Process Amazon Kinesis Data Streams records with Lambda"
 */
export function batchOf(stage: Stage, records: readonly StreamRecord[]): KinesisStreamEvent {
  const stream = stage.outputs.EventsStreamName;
  return {
    Records: records.map(({ shardId, ...record }) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: record.PartitionKey!,
        sequenceNumber: record.SequenceNumber!,
        data: Buffer.from(record.Data!).toString("base64"),
        approximateArrivalTimestamp: record.ApproximateArrivalTimestamp!.getTime() / 1000,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${shardId}:${record.SequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::000000000000:role/stream-function",
      awsRegion: "us-east-1",
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`,
    })),
  };
}

function eventSourceOf(stage: Stage, model: string) {
  const found = findEventSource(stage, ({ HEADRACE_MODEL }) => HEADRACE_MODEL === model);
  if (found === undefined) throw new Error(`the stage has no event source for the model ${model}`);
  return found;
}

function findEventSource(stage: Stage, isOf: (environment: FunctionConfig["environment"]) => boolean) {
  const { lambda } = stage.cloud;
  return lambda
    .listEventSourceMappings()
    .find(({ mapping }) => isOf(lambda.getFunction(mapping.functionName).environment));
}

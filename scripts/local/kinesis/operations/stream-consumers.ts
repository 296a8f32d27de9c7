import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { nextTokenField, parseInput, streamArnField, streamNameField } from "../parse-input.ts";
import type { Stream, StreamConsumer } from "../stream.ts";

/** Most consumers of one stream. @see RegisterStreamConsumer in the Kinesis API reference */
export const maxConsumerCount = 20;

export function registerStreamConsumer(context: KinesisContext, input: unknown): object {
  const request = parseInput(registerSchema, input);
  return { Consumer: consumerToWire(addConsumer(context, request.StreamARN, request.ConsumerName)) };
}

/** @throws {AwsError} when the stream has a consumer of that name, or as many as it can have. */
export function addConsumer(context: KinesisContext, streamArn: string, name: string): StreamConsumer {
  const stream = findStream(context, { StreamARN: streamArn });
  if (stream.consumers.has(name)) {
    throw new AwsError("ResourceInUseException", `Consumer ${name} of stream ${stream.name} already exists`);
  }
  if (stream.consumers.size >= maxConsumerCount) {
    throw new AwsError(
      "LimitExceededException",
      `Stream ${stream.name} already has ${maxConsumerCount} registered consumers, the most it can have`,
    );
  }
  const createdAtMs = context.clock();
  const arn = `${stream.arn}/consumer/${name}:${Math.floor(createdAtMs / 1000)}`;
  const consumer: StreamConsumer = { name, arn, createdAtMs };
  stream.consumers.set(name, consumer);
  return consumer;
}

const registerSchema = z.object({ StreamARN: streamArnField, ConsumerName: streamNameField });

export function describeStreamConsumer(context: KinesisContext, input: unknown): object {
  const { stream, consumer } = findConsumer(context, parseInput(consumerSchema, input));
  return { ConsumerDescription: { ...consumerToWire(consumer), StreamARN: stream.arn } };
}

export function deregisterStreamConsumer(context: KinesisContext, input: unknown): undefined {
  const { stream, consumer } = findConsumer(context, parseInput(consumerSchema, input));
  stream.consumers.delete(consumer.name);
}

/** A consumer goes with its stream, so there may be nothing left to remove. */
export function removeConsumer(context: KinesisContext, consumerArn: string): void {
  for (const { consumers } of context.streams.values()) {
    for (const { arn, name } of consumers.values()) if (arn === consumerArn) consumers.delete(name);
  }
}

export function listStreamConsumers(context: KinesisContext, input: unknown): object {
  const request = parseInput(listConsumersSchema, input);
  const stream = findStream(context, { StreamARN: request.StreamARN });
  const fields = request.NextToken ? context.tokens.open("consumers", request.NextToken) : [""];
  if (!fields) throw new AwsError("InvalidArgumentException", "NextToken is invalid");
  const after = String(fields[0]);
  const consumers = [...stream.consumers.values()]
    .filter((consumer) => consumer.name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = consumers.slice(0, request.MaxResults);
  return {
    Consumers: page.map(consumerToWire),
    ...(consumers.length > page.length && {
      NextToken: context.tokens.seal("consumers", [page.at(-1)!.name]),
    }),
  };
}

const listConsumersSchema = z.object({
  StreamARN: streamArnField,
  NextToken: nextTokenField.optional(),
  MaxResults: z.int().min(1).max(10_000).default(100),
});

const consumerSchema = z.object({
  StreamARN: streamArnField.optional(),
  ConsumerName: streamNameField.optional(),
  ConsumerARN: streamArnField.optional(),
});

function findConsumer(
  context: KinesisContext,
  reference: z.output<typeof consumerSchema>,
): { stream: Stream; consumer: StreamConsumer } {
  const { ConsumerARN: arn, ConsumerName: name } = reference;
  const streamArn = reference.StreamARN ?? arn?.replace(/\/consumer\/[^/]*$/, "");
  if (streamArn === undefined || (arn === undefined && name === undefined)) {
    throw new AwsError(
      "InvalidArgumentException",
      "ConsumerARN, or StreamARN and ConsumerName, must be given",
    );
  }
  const stream = findStream(context, { StreamARN: streamArn });
  const consumer = [...stream.consumers.values()].find(
    (one) => (arn === undefined || one.arn === arn) && (name === undefined || one.name === name),
  );
  if (consumer) return { stream, consumer };
  throw new AwsError(
    "ResourceNotFoundException",
    `Consumer ${arn ?? name} of stream ${stream.name} not found.`,
  );
}

function consumerToWire(consumer: StreamConsumer): object {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumer.arn,
    ConsumerStatus: "ACTIVE",
    ConsumerCreationTimestamp: consumer.createdAtMs / 1000,
  };
}

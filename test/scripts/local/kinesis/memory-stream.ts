import type { KinesisContext } from "../../../../scripts/local/kinesis/kinesis-context.ts";
import { addStream } from "../../../../scripts/local/kinesis/operations/create-stream.ts";
import { kinesisOperations } from "../../../../scripts/local/kinesis/operations.ts";
import { createTokenSealer } from "../../../../scripts/local/kinesis/signed-token.ts";

/** One provisioned stream and its operations, without the wire, for tests that take many steps. */
export function memoryStream({ shardCount = 1, clock = () => 1_700_000_000_000 }) {
  const context: KinesisContext = {
    clock,
    tokens: createTokenSealer(),
    streams: new Map(),
    maxShardBytes: Number.MAX_SAFE_INTEGER,
    throttle: false,
    nextGeneration: 1,
  };
  const stream = addStream(context, {
    streamName: "s",
    shardCount,
    onDemand: false,
    retentionHours: 24,
    maxRecordSizeKiB: 1024,
    encryptionKeyId: undefined,
    tags: {},
  });
  const run = (operation: string, input: object): never =>
    kinesisOperations.get(operation)!(context, { StreamName: "s", ...input }) as never;
  return { stream, run };
}

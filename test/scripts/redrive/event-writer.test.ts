import { KinesisClient, type PutRecordsCommandInput } from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { defaultRetry, type Retry } from "../../../functions/adapters/aws/retry.ts";
import { createKinesisEventWriter } from "../../../scripts/redrive/event-writer.ts";

const events = ["a", "b", "c"].map((text) => ({ partitionKey: text, data: Buffer.from(text) }));
const impatient: Retry = { ...defaultRetry, attempts: 3, sleep: async () => undefined };

/** A stream that takes, of its nth call, the records whose keys are in `takes[n]`, and the same of later ones. */
function streamThat(takes: readonly string[]) {
  const calls: string[] = [];
  const client = new KinesisClient({
    region: "us-east-1",
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
  });
  client.middlewareStack.add(
    () => async (args) => {
      const { Records } = args.input as PutRecordsCommandInput;
      const keys = Records!.map(({ PartitionKey }) => PartitionKey!);
      const taken = takes[Math.min(calls.length, takes.length - 1)]!;
      calls.push(keys.join(""));
      const results = keys.map((key) =>
        taken.includes(key)
          ? { SequenceNumber: "1", ShardId: "s" }
          : { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "slow down" },
      );
      return { output: { $metadata: {}, Records: results } as never, response: {} };
    },
    { step: "initialize" },
  );
  return { calls, writer: createKinesisEventWriter(client, "events", impatient) };
}

describe("createKinesisEventWriter", () => {
  it("puts everything in one call, in order", async () => {
    const { calls, writer } = streamThat(["abc"]);
    expect(await writer.put(events)).toEqual([]);
    expect(calls).toEqual(["abc"]);
  });

  it("repeats the records that were refused, and only those", async () => {
    const { calls, writer } = streamThat(["ac", "b"]);
    expect(await writer.put(events)).toEqual([]);
    expect(calls).toEqual(["abc", "b"]);
  });

  it("gives up after bounded attempts, naming what is left", async () => {
    const { calls, writer } = streamThat(["b"]);
    expect(await writer.put(events)).toEqual([0, 2]);
    expect(calls).toEqual(["abc", "ac", "ac"]);
  });
});

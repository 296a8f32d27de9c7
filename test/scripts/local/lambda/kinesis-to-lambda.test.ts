import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { KinesisClient, PutRecordsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterEach, expect, it } from "vitest";
import { createKinesis } from "../../../../scripts/local/kinesis/kinesis.ts";
import { type Fixture, startFixture } from "./fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

it("carries what eight producers put, each key in order, through a split, to a function in its own process", async () => {
  const kinesis = createKinesis();
  const seen: string[] = [];
  const fixture: Fixture = await startFixture({ kinesis, onLog: (_, line) => seen.push(line) });
  closers.push(
    () => fixture.close(),
    () => kinesis.close(),
  );
  const server = createServer((request, response) => void kinesis.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const client = new KinesisClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: new NodeHttpHandler(),
  });
  closers.push(() => client.destroy());

  const { streamArn } = kinesis.createStream({
    streamName: "events",
    shardCount: 2,
    onDemand: false,
    retentionHours: 24,
  });
  const { functionName } = fixture.deploy(
    `exports.handler = async ({ Records }) => {
      for (const { kinesis } of Records) {
        console.log(kinesis.partitionKey + " " + Buffer.from(kinesis.data, "base64") + " " + process.hrtime.bigint());
      }
    };`,
  );
  const poll = {
    uuid: "one",
    eventSourceArn: streamArn,
    functionName,
    batchSize: 1000,
    startingPosition: "LATEST",
  } as const;
  fixture.lambda.createEventSourceMapping(poll);

  const producers = Array.from({ length: 8 }, (_, producer) => `producer-${producer}`);
  const perProducer = 1000;
  const put = async (key: string, from: number, to: number) => {
    for (let n = from; n < to; n += 250) {
      const Records = Array.from({ length: 250 }, (_, i) => ({
        PartitionKey: key,
        Data: Buffer.from(String(n + i)),
      }));
      await client.send(new PutRecordsCommand({ StreamARN: streamArn, Records }));
    }
  };
  await Promise.all(producers.map((key) => put(key, 0, perProducer / 2)));
  const [first] = kinesis.listShards(streamArn);
  await client.send(
    new SplitShardCommand({
      StreamARN: streamArn,
      ShardToSplit: first!.shardId,
      NewStartingHashKey: String(2n ** 126n),
    }),
  );
  await Promise.all(producers.map((key) => put(key, perProducer / 2, perProducer)));
  await fixture.lambda.idle();
  const expected = Array.from({ length: perProducer }, (_, n) => String(n));
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(producers.length * perProducer);
  // Lines of two processes come by two pipes; the clock, which is the machine's, says in which order they were written.
  const lines = seen.map((line) => line.split(" ")).sort((a, b) => (BigInt(a[2]!) < BigInt(b[2]!) ? -1 : 1));
  for (const key of producers) {
    expect(lines.filter((line) => line[0] === key).map((line) => line[1])).toEqual(expected);
  }
  expect(kinesis.listShards(streamArn)).toHaveLength(4);
});

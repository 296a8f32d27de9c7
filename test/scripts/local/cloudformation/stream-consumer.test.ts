import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KinesisClient, ListStreamConsumersCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { CfnOutput, Stack } from "aws-cdk-lib";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { KinesisConsumerEventSource, KinesisEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { expect, it, onTestFinished } from "vitest";
import { startCloud } from "../../../../scripts/local/cloud.ts";
import { localConfig } from "../local-config.ts";
import { synthesise, temporaryDirectory } from "../synthesise.ts";

const functionSource = `exports.handler = async ({ Records }) => {
  for (const { kinesis, eventSourceARN } of Records) {
    const text = Buffer.from(kinesis.data, "base64").toString();
    console.log(JSON.stringify({ reader: process.env.READER, text, source: eventSourceARN }));
  }
};`;

it("a function reads by a consumer of its own what another reads by the stream, record for record", async () => {
  const code = join(await temporaryDirectory(), "code");
  await mkdir(code);
  await writeFile(join(code, "index.js"), functionSource);
  const directory = await synthesise((app) => {
    const stack = new Stack(app, "FanOut");
    const stream = new kinesis.Stream(stack, "Events", { streamMode: kinesis.StreamMode.ON_DEMAND });
    const own = new kinesis.StreamConsumer(stack, "Consumer", { stream, streamConsumerName: "own" });
    const settings = { startingPosition: lambda.StartingPosition.TRIM_HORIZON };
    const sources = {
      standard: new KinesisEventSource(stream, settings),
      fanOut: new KinesisConsumerEventSource(own, settings),
    };
    for (const [reader, source] of Object.entries(sources)) {
      new lambda.Function(stack, reader, {
        runtime: lambda.Runtime.NODEJS_24_X,
        architecture: process.arch === "arm64" ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
        handler: "index.handler",
        code: lambda.Code.fromAsset(code),
        environment: { READER: reader },
      }).addEventSource(source);
    }
    const outputs = { Stream: stream.streamName, StreamArn: stream.streamArn, Own: own.streamConsumerArn };
    for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });
  });
  const lines: string[] = [];
  const cloud = await startCloud({ onLog: (_, line) => lines.push(line) });
  onTestFinished(() => cloud.stop());
  const { outputs } = await cloud.deploy(directory);
  const { Stream, StreamArn, Own } = outputs.FanOut ?? {};
  const client = new KinesisClient(localConfig(cloud.endpoint));
  onTestFinished(() => client.destroy());
  const { Consumers } = await client.send(new ListStreamConsumersCommand({ StreamARN: StreamArn }));
  expect(Consumers).toMatchObject([{ ConsumerName: "own", ConsumerARN: Own, ConsumerStatus: "ACTIVE" }]);

  const texts = Array.from({ length: 50 }, (_, i) => `event ${i}`);
  const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }));
  await client.send(new PutRecordsCommand({ StreamName: Stream, Records }));
  await cloud.lambda.idle();
  const read = lines.flatMap((line) => (line.startsWith('{"reader"') ? [JSON.parse(line)] : []));
  for (const reader of ["standard", "fanOut"]) {
    const mine = read.filter((each) => each.reader === reader);
    expect(mine.map(({ text }) => text).toSorted()).toEqual(texts.toSorted());
    expect(new Set(mine.map(({ source }) => source))).toEqual(new Set([StreamArn]));
  }
});

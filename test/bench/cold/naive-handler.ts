import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { KinesisStreamEvent } from "aws-lambda";
import * as ort from "onnxruntime-node";
import { flightRow } from "../flight-row.ts";

/**
 * The handler that examples show: clients at module level, the model fetched at the first event, zod, one run per record,
 * ONNX Runtime's defaults. It does what the stream function does: looks up the champion, fetches its model, predicts, and
 * puts the prediction on a stream.
 */
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({ forcePathStyle: true });
const kinesis = new KinesisClient({});
let loading: Promise<ort.InferenceSession> | undefined;

export async function handler(event: KinesisStreamEvent): Promise<void> {
  loading ??= loadModel();
  const session = await loading;
  for (const record of event.Records) {
    const json = JSON.parse(Buffer.from(record.kinesis.data, "base64").toString("utf8"));
    const feed = new ort.Tensor("float32", flightRow(json), [1, 5]);
    const { probabilities } = await session.run({ [session.inputNames[0]!]: feed });
    const probability = Number(probabilities!.data[1]);
    const prediction = {
      eventId: json.flight,
      eventTime: json.departs,
      outputs: { probability, label: probability >= 0.5 ? "late" : "on time" },
    };
    await kinesis.send(
      new PutRecordCommand({
        StreamName: process.env.HEADRACE_PREDICTIONS_STREAM,
        PartitionKey: json.origin,
        Data: Buffer.from(JSON.stringify(prediction)),
      }),
    );
  }
}

async function loadModel(): Promise<ort.InferenceSession> {
  const model = process.env.HEADRACE_MODEL!;
  const { Items } = await dynamodb.send(
    new QueryCommand({
      TableName: process.env.HEADRACE_LEDGER_TABLE,
      KeyConditionExpression: "#model = :model",
      ExpressionAttributeNames: { "#model": "model" },
      ExpressionAttributeValues: { ":model": { S: model } },
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  const digest = Items?.[0]?.aliases?.M?.champion?.M?.digest?.S;
  const { Body } = await s3.send(
    new GetObjectCommand({
      Bucket: process.env.HEADRACE_MODELS_BUCKET,
      Key: `models/${model}/${digest}/model.onnx`,
    }),
  );
  return ort.InferenceSession.create(await Body!.transformToByteArray());
}

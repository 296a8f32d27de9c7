import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { FailureDestination } from "./lambda/failure-destination.ts";
import type { LocalClients } from "./local-clients.ts";

/** Where event sources park what they gave up on: the embedded cloud's own S3, SQS and SNS, over the wire. */
export function createWireFailureDestination({ s3, sqs, sns }: LocalClients): FailureDestination {
  return {
    putObject: async (bucket, key, body) => {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    sendMessage: async (queueArn, body) => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueArn.split(":").at(-1) }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    },
    publish: async (topicArn, body) => {
      await sns.send(new PublishCommand({ TopicArn: topicArn, Message: body }));
    },
  };
}

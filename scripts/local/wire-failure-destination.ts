import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { FailureDestination } from "./lambda/failure-destination.ts";
import type { LocalClients } from "./local-clients.ts";
import { createMessages } from "./messages.ts";

/** Where event sources park what they gave up on: the embedded cloud's own S3, SQS and SNS, over the wire. */
export function createWireFailureDestination(
  clients: Pick<LocalClients, "s3" | "sqs" | "sns">,
): FailureDestination {
  const messages = createMessages(clients);
  return {
    putObject: async (bucket, key, body) => {
      await clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    sendMessage: async (queueArn, body) => {
      await messages.sendMessage(queueArn, { body });
    },
    publish: async (topicArn, body) => {
      await messages.publish(topicArn, { message: body });
    },
  };
}

import { PublishCommand } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { LocalClients } from "./local-clients.ts";

/** Sending to the embedded cloud's own topics and queues; each call gives the message's id. */
export interface Messages {
  publish(
    topicArn: string,
    message: { readonly subject?: string; readonly message: string },
  ): Promise<string>;
  sendMessage(
    queueArn: string,
    message: { readonly body: string; readonly attributes?: Readonly<Record<string, string>> },
  ): Promise<string>;
}

/** Over the wire, as everything that the embedded cloud does itself. */
export function createMessages({ sqs, sns }: Pick<LocalClients, "sqs" | "sns">): Messages {
  return {
    publish: async (TopicArn, { subject, message }) => {
      const { MessageId = "" } = await sns.send(
        new PublishCommand({ TopicArn, Subject: subject, Message: message }),
      );
      return MessageId;
    },
    sendMessage: async (queueArn, { body, attributes = {} }) => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueArn.split(":").at(-1) }));
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
      );
      const { MessageId = "" } = await sqs.send(
        new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }),
      );
      return MessageId;
    },
  };
}

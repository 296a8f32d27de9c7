import { CreateQueueCommand, DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { localAccount, localRegion } from "../../service.ts";
import { defineProvider, flag, numeric } from "../provider.ts";

const sqsAttributes = {
  DelaySeconds: numeric,
  MaximumMessageSize: numeric,
  MessageRetentionPeriod: numeric,
  ReceiveMessageWaitTimeSeconds: numeric,
  VisibilityTimeout: numeric,
  FifoQueue: flag,
  ContentBasedDeduplication: flag,
  RedrivePolicy: z.record(z.string(), z.unknown()).transform((policy) => JSON.stringify(policy)),
};

export const sqsQueue = defineProvider({
  type: "AWS::SQS::Queue",
  properties: z.object({ QueueName: z.string(), ...sqsAttributes }).partial(),
  create: async ({ cloud, physicalName }, { QueueName: givenName, ...settings }) => {
    const suffix = settings.FifoQueue ? ".fifo" : "";
    const queueName = givenName ?? physicalName({ maxLength: 80 - suffix.length }) + suffix;
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    const Attributes = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
    const { QueueUrl = "" } = await cloud.sqs.send(
      new CreateQueueCommand({ QueueName: queueName, Attributes }),
    );
    return {
      physicalId: QueueUrl,
      attributes: {
        Arn: `arn:aws:sqs:${localRegion}:${localAccount}:${queueName}`,
        QueueName: queueName,
        QueueUrl,
      },
      remove: async () => {
        await cloud.sqs.send(new DeleteQueueCommand({ QueueUrl }));
      },
    };
  },
});

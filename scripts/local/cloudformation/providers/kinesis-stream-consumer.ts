import { z } from "zod";
import { defineProvider } from "../provider.ts";

export const kinesisStreamConsumer = defineProvider({
  type: "AWS::Kinesis::StreamConsumer",
  properties: z.object({ StreamARN: z.string(), ConsumerName: z.string() }),
  create: async ({ cloud }, { StreamARN, ConsumerName }) => {
    const { arn, createdAtMs } = cloud.kinesis.addConsumer(StreamARN, ConsumerName);
    return {
      physicalId: arn,
      attributes: {
        ConsumerARN: arn,
        ConsumerName,
        ConsumerStatus: "ACTIVE",
        ConsumerCreationTimestamp: String(Math.floor(createdAtMs / 1000)),
        StreamARN,
      },
      remove: async () => cloud.kinesis.removeConsumer(arn),
    };
  },
});

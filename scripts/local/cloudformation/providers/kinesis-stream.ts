import { z } from "zod";
import { defineProvider, numeric, tagList } from "../provider.ts";

export const kinesisStream = defineProvider({
  type: "AWS::Kinesis::Stream",
  properties: z.object({
    Name: z.string().optional(),
    ShardCount: numeric.optional(),
    RetentionPeriodHours: numeric.default(24),
    StreamModeDetails: z.object({ StreamMode: z.enum(["ON_DEMAND", "PROVISIONED"]) }).optional(),
    StreamEncryption: z.object({ KeyId: z.string() }).optional(),
    Tags: tagList,
  }),
  create: async ({ cloud, physicalName }, properties) => {
    const streamName = properties.Name ?? physicalName({ maxLength: 128 });
    const { streamArn } = cloud.kinesis.createStream({
      streamName,
      shardCount: properties.ShardCount,
      onDemand: properties.StreamModeDetails?.StreamMode === "ON_DEMAND",
      retentionHours: properties.RetentionPeriodHours,
      encryption: properties.StreamEncryption && { keyId: properties.StreamEncryption.KeyId },
      tags: properties.Tags,
    });
    return {
      physicalId: streamName,
      attributes: { Arn: streamArn },
      remove: async () => cloud.kinesis.deleteStream(streamName),
    };
  },
});

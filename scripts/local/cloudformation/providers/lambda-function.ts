import { z } from "zod";
import { localAccount, localRegion } from "../../service.ts";
import { defineProvider, numeric } from "../provider.ts";

export const lambdaFunction = defineProvider({
  type: "AWS::Lambda::Function",
  properties: z.object({
    FunctionName: z.string().optional(),
    Code: z.object({
      S3Key: z.string({ error: "must be an asset in a directory; inline code and images are not supported" }),
    }),
    Handler: z.string(),
    Runtime: z.string(),
    Architectures: z.tuple([z.enum(["arm64", "x86_64"])]).default(["x86_64"]),
    Timeout: numeric.default(3),
    MemorySize: numeric.default(128),
    Environment: z
      .object({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
      .default({ Variables: {} }),
    Layers: z.array(z.string()).default([]),
    ReservedConcurrentExecutions: numeric.optional(),
    Description: z.string().optional(),
    Role: z.string().optional(),
  }),
  create: async ({ cloud, physicalName, assetDirectory }, properties) => {
    const functionName = properties.FunctionName ?? physicalName({ maxLength: 64 });
    const arn = `arn:aws:lambda:${localRegion}:${localAccount}:function:${functionName}`;
    const layerDirectories = properties.Layers.map((layerArn) => {
      const directory = cloud.layerDirectories.get(layerArn);
      if (directory === undefined)
        throw new Error(`got the layer ${layerArn}, which no deployed stack has; deploy it first`);
      return directory;
    });
    await cloud.lambda.createFunction({
      functionName,
      arn,
      codeDirectory: await assetDirectory(properties.Code.S3Key),
      layerDirectories,
      handler: properties.Handler,
      runtime: properties.Runtime,
      architecture: properties.Architectures[0],
      timeoutSeconds: properties.Timeout,
      memoryMiB: properties.MemorySize,
      environment: properties.Environment.Variables,
      reservedConcurrency: properties.ReservedConcurrentExecutions,
      description: properties.Description,
      role: properties.Role,
    });
    return {
      physicalId: functionName,
      attributes: { Arn: arn },
      remove: async () => cloud.lambda.deleteFunction(functionName),
    };
  },
});

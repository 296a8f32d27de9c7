import { z } from "zod";
import { localAccount, localRegion } from "../../service.ts";
import { defineProvider } from "../provider.ts";

export const lambdaLayer = defineProvider({
  type: "AWS::Lambda::LayerVersion",
  properties: z.object({ LayerName: z.string().optional(), Content: z.object({ S3Key: z.string() }) }),
  create: async ({ cloud, physicalName, assetDirectory }, properties) => {
    const layerName = properties.LayerName ?? physicalName({ maxLength: 64 });
    const layerArn = `arn:aws:lambda:${localRegion}:${localAccount}:layer:${layerName}`;
    const versionArn = `${layerArn}:1`;
    cloud.layerDirectories.set(versionArn, await assetDirectory(properties.Content.S3Key));
    return {
      physicalId: versionArn,
      attributes: { LayerVersionArn: versionArn },
      remove: async () => {
        cloud.layerDirectories.delete(versionArn);
      },
    };
  },
});

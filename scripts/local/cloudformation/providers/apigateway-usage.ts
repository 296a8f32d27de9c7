import { z } from "zod";
import type { Throttle } from "../../apigateway/definitions.ts";
import { defineProvider, flag, numeric } from "../provider.ts";

export const apiGatewayApiKey = defineProvider({
  type: "AWS::ApiGateway::ApiKey",
  properties: z.object({
    Name: z.string().optional(),
    Description: z.string().optional(),
    Enabled: flag.default(false),
    Value: z.string().optional(),
  }),
  create: async ({ cloud, physicalName }, { Name, Description, Enabled, Value }) => {
    const { usagePlans } = cloud.apiGateway;
    const { apiKeyId } = usagePlans.createApiKey({
      name: Name ?? physicalName({ maxLength: 128 }),
      description: Description,
      isEnabled: Enabled,
      value: Value,
    });
    return {
      physicalId: apiKeyId,
      attributes: { APIKeyId: apiKeyId },
      remove: async () => usagePlans.deleteApiKey(apiKeyId),
    };
  },
});

const throttleSchema = z
  .object({ RateLimit: numeric.optional(), BurstLimit: numeric.optional() })
  .transform(({ RateLimit, BurstLimit }): Throttle => ({ ratePerSecond: RateLimit, burst: BurstLimit }));

const quotaSchema = z
  .object({
    Limit: numeric,
    Offset: numeric.default(0),
    Period: z.enum(["DAY", "WEEK", "MONTH"]),
  })
  .transform(({ Limit, Offset, Period }) => ({ limit: Limit, offset: Offset, period: Period }));

const planStage = z
  .object({
    ApiId: z.string(),
    Stage: z.string(),
    Throttle: z.record(z.string(), throttleSchema).default({}),
  })
  .transform(({ ApiId, Stage, Throttle }) => ({
    apiId: ApiId,
    stageName: Stage,
    methodThrottles: Throttle,
  }));

export const apiGatewayUsagePlan = defineProvider({
  type: "AWS::ApiGateway::UsagePlan",
  properties: z.object({
    UsagePlanName: z.string().optional(),
    Description: z.string().optional(),
    ApiStages: z.array(planStage).default([]),
    Throttle: throttleSchema.optional(),
    Quota: quotaSchema.optional(),
  }),
  create: async ({ cloud, physicalName }, properties) => {
    const { usagePlans } = cloud.apiGateway;
    const planId = usagePlans.createUsagePlan({
      name: properties.UsagePlanName ?? physicalName({ maxLength: 128 }),
      description: properties.Description,
      stages: properties.ApiStages,
      throttle: properties.Throttle,
      quota: properties.Quota,
    });
    return {
      physicalId: planId,
      attributes: { Id: planId },
      remove: async () => usagePlans.deleteUsagePlan(planId),
    };
  },
});

export const apiGatewayUsagePlanKey = defineProvider({
  type: "AWS::ApiGateway::UsagePlanKey",
  properties: z.object({ KeyId: z.string(), KeyType: z.literal("API_KEY"), UsagePlanId: z.string() }),
  create: async ({ cloud }, { KeyId, UsagePlanId }) => {
    const { usagePlans } = cloud.apiGateway;
    usagePlans.addKey(UsagePlanId, KeyId);
    const id = `${KeyId}:${UsagePlanId}`;
    return {
      physicalId: id,
      attributes: { Id: id },
      remove: async () => usagePlans.removeKey(UsagePlanId, KeyId),
    };
  },
});

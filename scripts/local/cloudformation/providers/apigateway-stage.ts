import { z } from "zod";
import type { MethodThrottle } from "../../apigateway/definitions.ts";
import { defineProvider, numeric } from "../provider.ts";

/** Goes with its API. */
export const apiGatewayDeployment = defineProvider({
  type: "AWS::ApiGateway::Deployment",
  properties: z.object({ RestApiId: z.string(), StageName: z.string().optional() }),
  create: async ({ cloud }, { RestApiId, StageName }) => {
    const { apis } = cloud.apiGateway;
    const deploymentId = apis.createDeployment(RestApiId);
    if (StageName !== undefined)
      apis.createStage(RestApiId, { stageName: StageName, deploymentId, variables: {}, methodThrottles: [] });
    return { physicalId: deploymentId, attributes: { DeploymentId: deploymentId } };
  },
});

const methodSetting = z.object({
  HttpMethod: z.string().default("*"),
  ResourcePath: z.string().default("/*"),
  ThrottlingRateLimit: numeric.optional(),
  ThrottlingBurstLimit: numeric.optional(),
});

/** Logging, tracing and caching are accepted, and have no effect here. */
export const apiGatewayStage = defineProvider({
  type: "AWS::ApiGateway::Stage",
  properties: z.object({
    RestApiId: z.string(),
    DeploymentId: z.string(),
    StageName: z.string().default("default"),
    Variables: z.record(z.string(), z.coerce.string()).default({}),
    MethodSettings: z.array(methodSetting).default([]),
  }),
  create: async ({ cloud }, properties) => {
    const { RestApiId: apiId, StageName: stageName } = properties;
    const { apis } = cloud.apiGateway;
    apis.createStage(apiId, {
      stageName,
      deploymentId: properties.DeploymentId,
      variables: properties.Variables,
      methodThrottles: properties.MethodSettings.flatMap(readThrottle),
    });
    return {
      physicalId: stageName,
      attributes: {},
      remove: async () => apis.deleteStage(apiId, stageName),
    };
  },
});

/** A resource path has `~1` for each slash after the first: `/~1models~1{name}`; `/*` is every one, `/` the root. */
function readThrottle(setting: z.infer<typeof methodSetting>): MethodThrottle[] {
  const { HttpMethod, ResourcePath, ThrottlingRateLimit, ThrottlingBurstLimit } = setting;
  if (ThrottlingRateLimit === undefined) return [];
  const path = ResourcePath.replace(/^\//, "").replaceAll("~1", "/");
  return [
    {
      httpMethod: HttpMethod,
      resourcePath: path === "*" ? "*" : `/${path.replace(/^\//, "")}`,
      throttle: { ratePerSecond: ThrottlingRateLimit, burst: ThrottlingBurstLimit },
    },
  ];
}

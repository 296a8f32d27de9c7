import { z } from "zod";
import type { Integration, RequiredParameter } from "../../apigateway/definitions.ts";
import { findUnknownVariable } from "../../apigateway/gateway-answer.ts";
import { defineProvider, flag, numeric } from "../provider.ts";

/** Headers by parameter name, e.g. `method.response.header.Vary: "'Origin'"`; only quoted texts, no mappings. */
export function staticHeaders(prefix: string) {
  const quoted = z
    .string()
    .regex(/^'[^']*'$/, { error: "only quoted texts are supported, e.g. \"'*'\"" })
    .transform((text) => text.slice(1, -1));
  const name = z.string().startsWith(prefix, { error: `only ${prefix}* is supported` });
  return z
    .record(name, quoted)
    .transform((headers) =>
      Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.slice(prefix.length), value])),
    )
    .default({});
}

/** A template without VTL: a text, with `$context` variables where the gateway fills them in. */
export const staticTemplate = z.string().refine((text) => findUnknownVariable(text) === undefined, {
  error: ({ input }) =>
    `mapping templates are not supported, got ${findUnknownVariable(String(input))} in ${JSON.stringify(input)}`,
});

const mockResponse = z.object({
  StatusCode: z.coerce.number().int(),
  SelectionPattern: z.string().optional(),
  ResponseParameters: staticHeaders("method.response.header."),
  ResponseTemplates: z.record(z.string(), staticTemplate).default({}),
});

const integrationSchema = z.discriminatedUnion(
  "Type",
  [
    z.object({
      Type: z.literal("AWS_PROXY"),
      Uri: z.string(),
      TimeoutInMillis: numeric.default(29_000),
    }),
    z.object({
      Type: z.literal("MOCK"),
      RequestTemplates: z.record(z.string(), z.string()).default({}),
      IntegrationResponses: z.array(mockResponse).default([]),
    }),
  ],
  { error: "must be of the type AWS_PROXY (a Lambda function) or MOCK; others are not supported" },
);

export const apiGatewayMethod = defineProvider({
  type: "AWS::ApiGateway::Method",
  properties: z.object({
    RestApiId: z.string(),
    ResourceId: z.string(),
    HttpMethod: z.string(),
    AuthorizationType: z
      .enum(["NONE", "AWS_IAM"], { error: "must be NONE or AWS_IAM; authorizers are not supported" })
      .default("NONE"),
    ApiKeyRequired: flag.default(false),
    Integration: integrationSchema,
    RequestParameters: z.record(z.string(), flag).default({}),
    RequestModels: z.record(z.string(), z.string()).default({}),
    RequestValidatorId: z.string().optional(),
  }),
  create: async ({ cloud, physicalName }, properties) => {
    cloud.apiGateway.apis.putMethod(properties.RestApiId, {
      resourceId: properties.ResourceId,
      httpMethod: properties.HttpMethod,
      authorization: properties.AuthorizationType,
      isApiKeyRequired: properties.ApiKeyRequired,
      requiredParameters: readRequired(properties.RequestParameters),
      requestModels: properties.RequestModels,
      validatorId: properties.RequestValidatorId,
      integration: readIntegration(properties.Integration),
    });
    return { physicalId: physicalName({ maxLength: 128 }), attributes: {} };
  },
});

function readIntegration(given: z.infer<typeof integrationSchema>): Integration {
  if (given.Type === "AWS_PROXY")
    return { kind: "lambda", functionArn: functionOf(given.Uri), timeoutMs: given.TimeoutInMillis };
  const responses = given.IntegrationResponses.map((response) => ({
    statusCode: response.StatusCode,
    ...(response.SelectionPattern !== undefined && {
      selectionPattern: new RegExp(`^(?:${response.SelectionPattern})$`),
    }),
    headers: response.ResponseParameters,
    body: response.ResponseTemplates["application/json"] ?? "",
  }));
  return { kind: "mock", requestTemplates: given.RequestTemplates, responses };
}

/** The function's ARN stands amid the one of API Gateway's action. */
function functionOf(uri: string): string {
  const arn = /:lambda:path\/2015-03-31\/functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1];
  if (arn !== undefined) return arn;
  throw new Error(
    `got the integration ${uri}, expected arn:aws:apigateway:<region>:lambda:path/2015-03-31/functions/<function ARN>/invocations`,
  );
}

/** Only what is marked as required is acted on: a proxy integration passes every parameter anyway. */
function readRequired(parameters: Readonly<Record<string, boolean>>): RequiredParameter[] {
  return Object.entries(parameters).flatMap(([key, isRequired]) => {
    const [, location, name] = /^method\.request\.(header|path|querystring)\.(.+)$/.exec(key) ?? [];
    if (name === undefined)
      throw new Error(
        `got the request parameter ${key}, expected method.request.{header, path or querystring}.<name>`,
      );
    return isRequired ? [{ location: location as RequiredParameter["location"], name }] : [];
  });
}

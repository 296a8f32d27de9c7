import { z } from "zod";
import { defineProvider, flag } from "../provider.ts";
import { staticHeaders, staticTemplate } from "./apigateway-method.ts";

export const apiGatewayRestApi = defineProvider({
  type: "AWS::ApiGateway::RestApi",
  properties: z.object({
    Name: z.string({ error: "must be given; an OpenAPI Body is not supported" }),
    Description: z.string().optional(),
    BinaryMediaTypes: z.array(z.string()).default([]),
    ApiKeySourceType: z.literal("HEADER", { error: "only HEADER is supported" }).default("HEADER"),
    Body: z.undefined({ error: "an OpenAPI Body is not supported" }).optional(),
    BodyS3Location: z.undefined({ error: "an OpenAPI Body is not supported" }).optional(),
  }),
  create: async ({ cloud }, properties) => {
    const { apiId, rootResourceId } = cloud.apiGateway.apis.createRestApi({
      name: properties.Name,
      description: properties.Description,
      binaryMediaTypes: properties.BinaryMediaTypes,
    });
    return {
      physicalId: apiId,
      attributes: { RestApiId: apiId, RootResourceId: rootResourceId },
      remove: async () => cloud.apiGateway.apis.deleteRestApi(apiId),
    };
  },
});

/** What belongs to an API goes with it: none of these is removed by itself. */
export const apiGatewayResource = defineProvider({
  type: "AWS::ApiGateway::Resource",
  properties: z.object({ RestApiId: z.string(), ParentId: z.string(), PathPart: z.string() }),
  create: async ({ cloud }, { RestApiId, ParentId, PathPart }) => {
    const resource = { parentId: ParentId, pathPart: PathPart };
    const resourceId = cloud.apiGateway.apis.createResource(RestApiId, resource);
    return { physicalId: resourceId, attributes: { ResourceId: resourceId } };
  },
});

export const apiGatewayModel = defineProvider({
  type: "AWS::ApiGateway::Model",
  properties: z.object({
    RestApiId: z.string(),
    Name: z.string().optional(),
    ContentType: z.string().default("application/json"),
    Schema: z.union([z.record(z.string(), z.unknown()), z.string().transform(parseSchema)]).default({}),
  }),
  create: async ({ cloud, physicalName }, { RestApiId, Name, Schema }) => {
    const name = Name ?? physicalName({ maxLength: 128 }).replaceAll("-", "");
    cloud.apiGateway.apis.putModel(RestApiId, name, Schema);
    return { physicalId: name, attributes: {} };
  },
});

export const apiGatewayRequestValidator = defineProvider({
  type: "AWS::ApiGateway::RequestValidator",
  properties: z.object({
    RestApiId: z.string(),
    ValidateRequestBody: flag.default(false),
    ValidateRequestParameters: flag.default(false),
  }),
  create: async ({ cloud }, properties) => {
    const validatorId = cloud.apiGateway.apis.createRequestValidator(properties.RestApiId, {
      isBodyValidated: properties.ValidateRequestBody,
      areParametersValidated: properties.ValidateRequestParameters,
    });
    return { physicalId: validatorId, attributes: { RequestValidatorId: validatorId } };
  },
});

export const apiGatewayGatewayResponse = defineProvider({
  type: "AWS::ApiGateway::GatewayResponse",
  properties: z.object({
    RestApiId: z.string(),
    ResponseType: z.string(),
    StatusCode: z.coerce.number().int().min(200).max(599).optional(),
    ResponseParameters: staticHeaders("gatewayresponse.header."),
    ResponseTemplates: z.record(z.string(), staticTemplate).default({}),
  }),
  create: async ({ cloud, physicalName }, properties) => {
    cloud.apiGateway.apis.putGatewayResponse(properties.RestApiId, properties.ResponseType, {
      statusCode: properties.StatusCode,
      headers: properties.ResponseParameters,
      templates: properties.ResponseTemplates,
    });
    const id = physicalName({ maxLength: 128 });
    return { physicalId: id, attributes: { Id: id } };
  },
});

function parseSchema(text: string, context: z.RefinementCtx): Record<string, unknown> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: "custom", message: "must be a JSON Schema" });
  return z.NEVER;
}

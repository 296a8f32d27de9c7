import * as z from "zod/mini";
import { httpError, httpLimits, outcomesAccepted, predictErrorBody } from "../../functions/contract/http.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import {
  inferResponse,
  modelMetadata,
  modelReady,
  oipError,
  serverLive,
  serverMetadata,
  serverReady,
} from "../../functions/contract/oip.ts";
import { releaseVersion } from "../../functions/contract/release.ts";
import type { RowLayout } from "../../functions/core/features/row-layout.ts";
import type { TensorSpec } from "../../functions/core/inference/tensor.ts";
import { eventSchema } from "./event-schema.ts";
import { inferRequestSchema } from "./infer-schema.ts";
import type { JsonSchema } from "./json-schema.ts";
import { outcomeSchema } from "./outcome-schema.ts";
import { predictionSchema } from "./prediction-schema.ts";

/** A model as the document needs to know it. */
export interface DescribedModel {
  readonly package: ModelPackage;
  readonly layout: RowLayout;
  readonly outputs: readonly TensorSpec[];
}

export interface OpenApiOptions {
  readonly models: readonly DescribedModel[];
  /** How calls are allowed. */
  readonly auth: "apiKey" | "iam";
  /** Where the API answers, its stage included. @default a variable for the reader to fill */
  readonly url?: string;
}

/** The OpenAPI 3.1 document of one deployment: every call of every model, as the functions check it. */
export function openApiDocument({ models, auth, url }: OpenApiOptions): JsonSchema {
  return {
    openapi: "3.1.0",
    info: {
      title: "Headrace",
      version: releaseVersion,
      summary: "Predictions of ONNX models.",
      description: `Tensors by the Open Inference Protocol v2, or whole events. A body has at most ${httpLimits.bodyBytes} bytes and ${httpLimits.rows} rows.`,
    },
    servers: [url === undefined ? unknownServer : { url: url.replace(/\/$/, "") }],
    security: [{ [auth]: [] }],
    tags: models.map(({ package: { name } }) => ({ name })),
    paths: { ...serverPaths(), ...Object.assign({}, ...models.map(modelPaths)) },
    components: {
      securitySchemes: { [auth]: securitySchemes[auth] },
      schemas: {
        ...Object.fromEntries(Object.entries(wireSchemas).map(([name, schema]) => [name, toSchema(schema)])),
        GatewayError: { type: "object", properties: { error: { type: "string" } }, required: ["error"] },
        ...Object.assign({}, ...models.map(modelSchemas)),
      },
    },
  };
}

const unknownServer = {
  url: "https://{api}.execute-api.{region}.amazonaws.com/{stage}",
  variables: { api: { default: "api-id" }, region: { default: "eu-west-1" }, stage: { default: "dev" } },
};

const securitySchemes = {
  apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
  iam: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description: "AWS Signature Version 4, service execute-api.",
    "x-amazon-apigateway-authtype": "awsSigv4",
  },
};

const wireSchemas = {
  InferResponse: inferResponse,
  ModelMetadata: modelMetadata,
  ModelReady: modelReady,
  ServerLive: serverLive,
  ServerReady: serverReady,
  ServerMetadata: serverMetadata,
  OipError: oipError,
  OutcomesAccepted: outcomesAccepted,
  PredictError: predictErrorBody,
  EventError: z.object({ error: httpError }),
};

function toSchema(schema: z.ZodMiniType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

function modelSchemas({ package: pkg, layout, outputs }: DescribedModel): Record<string, JsonSchema> {
  const outcome = outcomeSchema(pkg);
  return {
    ...(outcome && { [`${pkg.name}-outcome`]: outcome }),
    [`${pkg.name}-event`]: eventSchema(pkg, layout),
    [`${pkg.name}-prediction`]: predictionSchema(pkg, outputs),
    [`${pkg.name}-infer`]: inferRequestSchema(layout.inputs, outputs),
  };
}

function serverPaths(): Record<string, JsonSchema> {
  const get = (operationId: string, summary: string, schema: string, more: JsonSchema = {}) => ({
    get: { operationId, summary, responses: { 200: answer(schema), ...more, ...gatewayErrors } },
  });
  return {
    "/v2": get("serverMetadata", "Name, release and extensions of the server", "ServerMetadata"),
    "/v2/health/live": get("serverLive", "Whether the server runs", "ServerLive"),
    "/v2/health/ready": get("serverReady", "Whether every model can answer", "ServerReady", {
      503: answer("ServerReady", "Some model cannot answer."),
    }),
  };
}

function modelPaths({ package: { name, outcome } }: DescribedModel): Record<string, JsonSchema> {
  const atVersion = (isVersioned: boolean) => {
    const path = `/v2/models/${name}${isVersioned ? "/versions/{version}" : ""}`;
    const shared = isVersioned ? { parameters: [versionParameter] } : {};
    const operation = (id: string, summary: string, rest: JsonSchema) => ({
      operationId: `${name}-${id}${isVersioned ? "-of-version" : ""}`,
      summary,
      tags: [name],
      ...rest,
    });
    return {
      [path]: {
        ...shared,
        get: operation("metadata", "The model's versions, inputs and outputs", {
          responses: { 200: answer("ModelMetadata"), ...failures("OipError", [404, 500, 503]) },
        }),
      },
      [`${path}/ready`]: {
        ...shared,
        get: operation("ready", "Whether the model can answer", {
          responses: {
            200: answer("ModelReady"),
            ...failures("OipError", [404, 500]),
            503: {
              description: "It cannot.",
              content: json({ anyOf: [ref("ModelReady"), ref("OipError")] }),
            },
          },
        }),
      },
      [`${path}/infer`]: {
        ...shared,
        post: operation("infer", "Answer tensors with tensors", {
          requestBody: { required: true, content: json(ref(`${name}-infer`)) },
          responses: {
            200: answer("InferResponse"),
            ...failures("OipError", [400, 404, 413, 415, 500, 503]),
          },
        }),
      },
    };
  };
  return {
    ...atVersion(false),
    ...atVersion(true),
    ...predictPath(name),
    ...(outcome && outcomesPath(name)),
  };
}

function predictPath(name: string): Record<string, JsonSchema> {
  const events = {
    type: "object",
    properties: {
      events: { type: "array", items: ref(`${name}-event`), minItems: 1, maxItems: httpLimits.rows },
    },
    required: ["events"],
    additionalProperties: false,
  };
  const predictions = {
    type: "object",
    properties: {
      predictions: {
        type: "array",
        description: "One per event, in order.",
        items: { anyOf: [ref(`${name}-prediction`), ref("EventError")] },
      },
    },
    required: ["predictions"],
  };
  return {
    [`/models/${name}/predict`]: {
      post: {
        operationId: `${name}-predict`,
        summary: "Predict on whole events, as the stream does",
        tags: [name],
        requestBody: { required: true, content: json(events) },
        responses: {
          200: { description: "A prediction or an error for each event.", content: json(predictions) },
          ...failures("PredictError", [400, 404, 413, 415, 500, 503]),
        },
      },
    },
  };
}

function outcomesPath(name: string): Record<string, JsonSchema> {
  const outcomes = {
    type: "object",
    properties: {
      outcomes: {
        type: "array",
        items: ref(`${name}-outcome`),
        minItems: 1,
        maxItems: httpLimits.outcomes,
      },
    },
    required: ["outcomes"],
    additionalProperties: false,
  };
  return {
    [`/models/${name}/outcomes`]: {
      post: {
        operationId: `${name}-outcomes`,
        summary: "Tell what came about; sending it again does no harm",
        tags: [name],
        requestBody: { required: true, content: json(outcomes) },
        responses: {
          202: answer("OutcomesAccepted", "All of them are on the event stream, where they are joined."),
          ...failures("PredictError", [400, 404, 413, 415, 500, 503]),
        },
      },
    },
  };
}

const versionParameter = {
  name: "version",
  in: "path",
  required: true,
  description: "A digest that the model's metadata lists, or an alias such as champion.",
  schema: { type: "string" },
};

const statusTexts: Readonly<Record<number, string>> = {
  400: "The request is at fault.",
  404: "No such model or version.",
  413: "The request, or its answer, is too large.",
  415: "The body is not JSON in UTF-8, or it is compressed.",
  500: "The model fails on rows of the request, or there is a bug.",
  503: "Something does not answer at present; try again.",
};

const gatewayErrors: JsonSchema = {
  403: answer("GatewayError", "The key or the signature is missing or wrong."),
  429: answer("GatewayError", "More calls than the usage plan or the stage allow."),
};

/** The gateway refuses some requests by itself, with the protocol's body. */
function failures(schema: string, statuses: readonly number[]): JsonSchema {
  const content = (status: number) =>
    status === 400 ? { anyOf: [ref(schema), ref("GatewayError")] } : ref(schema);
  return {
    ...Object.fromEntries(
      statuses.map((status) => [
        status,
        {
          description: statusTexts[status],
          content: json(content(status)),
          ...(status === 503 && {
            headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } },
          }),
        },
      ]),
    ),
    ...gatewayErrors,
  };
}

function answer(schema: string, description = "The answer."): JsonSchema {
  return { description, content: json(ref(schema)) };
}

function json(schema: JsonSchema): JsonSchema {
  return { "application/json": { schema } };
}

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

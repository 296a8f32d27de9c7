import type { APIGatewayProxyEvent } from "aws-lambda";
import { answerRest } from "../../../functions/adapters/http/rest-handler.ts";
import { MemoryEventStream } from "../../../functions/adapters/memory/memory-event-stream.ts";
import type { Aliases } from "../../../functions/contract/ledger.ts";
import type { LoadOptions } from "../../../functions/core/inference/loaded-model.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import type { TensorType } from "../../../functions/core/inference/tensor.ts";
import { createBreaker } from "../../../functions/core/rollout/breaker.ts";
import { maxAliasAgeMs } from "../../../functions/core/rollout/champion.ts";
import { createModelVersions } from "../../../functions/core/rollout/model-versions.ts";
import { createRoleReader } from "../../../functions/core/rollout/serving-roles.ts";
import { buildModel } from "../../../functions/core/train/onnx/build-model.ts";
import type { PredictDeps } from "../../../functions/predict/deps.ts";
import { createRoutes } from "../../../functions/predict/routes.ts";
import { packageOf, setUp as setUpStream } from "../stream/set-up.ts";

/** A call as API Gateway's proxy integration hands it over. */
export function restCall(
  method: string,
  path: string,
  body?: string | Buffer | object,
  more: Partial<APIGatewayProxyEvent> = {},
): APIGatewayProxyEvent {
  const text = body === undefined || typeof body === "string" ? body : undefined;
  return {
    httpMethod: method,
    path,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    resource: path,
    requestContext: { requestId: "request-1" } as APIGatewayProxyEvent["requestContext"],
    isBase64Encoded: Buffer.isBuffer(body),
    body: Buffer.isBuffer(body)
      ? body.toString("base64")
      : (text ?? (body === undefined ? null : JSON.stringify(body))),
    ...more,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the body holds; each test says what it expects
  readonly json: any;
}

/** The predict function over memory adapters and ONNX Runtime, with a package published as champion. */
export async function setUp(
  files: PackageFiles | undefined,
  overrides: Partial<PredictDeps> = {},
  load: Partial<LoadOptions> = {},
) {
  const stream = await setUpStream(files, {}, load);
  const { model, store, metrics, logger, keepSeconds, now } = stream.deps;
  const { ledger } = stream;
  const loader = overrides.loader ?? stream.loader;
  const nowMs = () => performance.now();
  const events = new MemoryEventStream();
  const deps: PredictDeps = {
    roles: createRoleReader({ model, ledger, loader, metrics, logger, nowMs: now }),
    // Tests say nothing of time: however slow the machine is, no version is.
    breaker: createBreaker({ nowMs, maxLatencyRatio: Number.POSITIVE_INFINITY }),
    versions: createModelVersions({ model, ledger, nowMs: now }),
    ...{ model, loader, store, events, metrics, logger, keepSeconds, now, nowMs },
    viewsOf: async () => undefined,
    corsOrigins: [],
    ...overrides,
  };
  const routes = createRoutes(deps);
  return {
    ...stream,
    deps,
    model,
    events,
    /** Move the aliases by a ledger entry, and let the move be noticed. */
    async move(aliases: Aliases): Promise<void> {
      const newest = (await ledger.latest(model))!;
      await ledger.append({
        ...newest,
        revision: newest.revision + 1,
        change: { kind: "alias", action: "share", alias: "challenger" },
        aliases,
      });
      stream.wait(maxAliasAgeMs);
    },
    async call(...call: Parameters<typeof restCall>): Promise<Answer> {
      const { statusCode, headers, body } = await answerRest(routes, restCall(...call));
      return { status: statusCode, headers: headers ?? {}, text: body, json: JSON.parse(body) };
    },
  };
}

/** Every type that an input may have. */
export const types: readonly TensorType[] = [
  "float32",
  "float64",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bool",
  "string",
];

/** A model with one input `<type>_in` [N, 2] of each type, and outputs `<type>_out` equal to them. */
export function echoPackage(of: readonly TensorType[] = types, json: object = {}): PackageFiles {
  const model = buildModel({
    inputs: of.map((type) => ({ name: `${type}_in`, type, shape: ["N", 2] })),
    outputs: of.map((type) => ({ name: `${type}_out`, type, shape: ["N", 2] })),
    nodes: of.map((type) => ({ opType: "Identity", inputs: [`${type}_in`], outputs: [`${type}_out`] })),
  });
  return packageOf(model, {
    name: "echo",
    features: Object.fromEntries(
      of.flatMap((type) =>
        ["a", "b"].map((part) => [`${type}_${part}`, { from: `${type}_${part}`, input: `${type}_in` }]),
      ),
    ),
    outputs: Object.fromEntries(of.map((type) => [type, { from: `${type}_out` }])),
    ...json,
  });
}

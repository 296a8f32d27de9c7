import ajvDraft04 from "ajv-draft-04";
import type { MethodDefinition, RequestValidator, RequiredParameter } from "./definitions.ts";
import { GatewayFault } from "./gateway-fault.ts";
import { readMediaType } from "./media-type.ts";

export interface ValidatedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: URLSearchParams;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** @throws {GatewayFault} `BAD_REQUEST_PARAMETERS` or `BAD_REQUEST_BODY` when the request is not as the method asks. */
export type RequestCheck = (request: ValidatedRequest) => void;

export interface ModelSource {
  readonly apiId: string;
  /** JSON Schema (draft 4) by the model's name. */
  readonly models: ReadonlyMap<string, object>;
}

/**
 * Make the check that a method's request validator stands for.
 *
 * A body is checked only when the method has a model for its content type (or `$default`); without a content type it
 * is JSON. Parameters must be there and not blank. The `format` keyword is taken as a remark.
 *
 * @throws {Error} when a model is no schema, or refers to one that is not there.
 */
export function compileRequestCheck(
  method: MethodDefinition,
  validator: RequestValidator | undefined,
  source: ModelSource,
): RequestCheck {
  const required = validator?.areParametersValidated === true ? method.requiredParameters : [];
  const checkBody = validator?.isBodyValidated === true ? compileBodyCheck(method, source) : undefined;
  return (request) => {
    const missing = required.filter((parameter) => isBlank(parameter, request)).map(({ name }) => name);
    if (missing.length > 0) {
      const message = `Missing required request parameters: [${missing.join(", ")}]`;
      throw new GatewayFault("BAD_REQUEST_PARAMETERS", { message });
    }
    checkBody?.(request);
  };
}

function compileBodyCheck(method: MethodDefinition, { apiId, models }: ModelSource): RequestCheck {
  const ajv = new ajvDraft04.default({ strict: false, validateFormats: false, logger: false });
  const urlOf = (name: string) => `https://apigateway.amazonaws.com/restapis/${apiId}/models/${name}`;
  for (const [name, schema] of models) ajv.addSchema(schema, urlOf(name));
  const checks = new Map(
    Object.entries(method.requestModels).map(([contentType, name]) => {
      const check = ajv.getSchema(urlOf(name));
      if (check === undefined) throw new Error(`got the model "${name}", which the API does not have`);
      return [contentType.toLowerCase(), check] as const;
    }),
  );
  return ({ headers, body }) => {
    const contentType = readMediaType(String(headers["content-type"] ?? "application/json"));
    const check = checks.get(contentType) ?? checks.get("$default");
    if (check === undefined) return;
    const parsed = parseJson(body);
    if (parsed === undefined || check(parsed.value) !== true) {
      const reason = parsed === undefined ? "not JSON" : ajv.errorsText(check.errors);
      throw new GatewayFault("BAD_REQUEST_BODY", { reason });
    }
  };
}

function isBlank({ location, name }: RequiredParameter, request: ValidatedRequest): boolean {
  const values = {
    header: () => request.headers[name.toLowerCase()],
    path: () => request.pathParameters[name],
    querystring: () => request.query.get(name),
  };
  return (values[location]() ?? "").length === 0;
}

function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString()) };
  } catch {
    return undefined;
  }
}

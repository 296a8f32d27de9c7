import type {
  GatewayResponse,
  MethodDefinition,
  MethodThrottle,
  RequestValidator,
  RestApiDefinition,
  Throttle,
} from "./definitions.ts";
import { compileRequestCheck, type RequestCheck } from "./request-validation.ts";
import { createRouteTable, type RouteTable } from "./route-table.ts";
import { createTokenBucket, type TokenBucket } from "./token-bucket.ts";

/** What an API has been told so far. */
export interface RestApiParts {
  readonly apiId: string;
  readonly definition: RestApiDefinition;
  /** Path by resource id. */
  readonly resources: ReadonlyMap<string, string>;
  readonly methods: readonly MethodDefinition[];
  /** JSON Schema by name. */
  readonly models: ReadonlyMap<string, object>;
  readonly validators: ReadonlyMap<string, RequestValidator>;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponse>;
}

/** An API as it was when it was deployed: what is changed later has no effect on its stages. */
export interface Deployment {
  readonly deploymentId: string;
  readonly routes: RouteTable<DeployedMethod>;
  readonly binaryMediaTypes: readonly string[];
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponse>;
}

export interface DeployedMethod extends MethodDefinition {
  readonly check: RequestCheck;
}

/** @throws {Error} when a model cannot be compiled. */
export function makeDeployment(deploymentId: string, parts: RestApiParts): Deployment {
  const { apiId, definition, resources, models, validators } = parts;
  const routes = parts.methods.map((method) => {
    const validator = validators.get(method.validatorId ?? "");
    return {
      resourcePath: resources.get(method.resourceId) ?? "/",
      httpMethod: method.httpMethod,
      method: { ...method, check: compileRequestCheck(method, validator, { apiId, models }) },
    };
  });
  return Object.freeze({
    deploymentId,
    routes: createRouteTable(routes),
    binaryMediaTypes: definition.binaryMediaTypes,
    gatewayResponses: new Map(parts.gatewayResponses),
  });
}

/** A deployment under a name. */
export interface Stage {
  readonly stageName: string;
  readonly deployment: Deployment;
  readonly variables: Readonly<Record<string, string>>;
  /** Whether the stage's own throttle lets a request for a method through. */
  take(resourcePath: string, httpMethod: string): boolean;
}

export interface StageOptions {
  readonly stageName: string;
  readonly deployment: Deployment;
  readonly variables: Readonly<Record<string, string>>;
  readonly methodThrottles: readonly MethodThrottle[];
  readonly now: () => number;
}

/** Each method has a bucket of its own, also where one setting stands for many methods. */
export function makeStage({ methodThrottles, now, ...stage }: StageOptions): Stage {
  const buckets = new Map<string, TokenBucket>();
  return {
    ...stage,
    take(resourcePath, httpMethod) {
      const method = `${resourcePath}/${httpMethod}`;
      const throttle = throttleOf(methodThrottles, resourcePath, httpMethod);
      const bucket = buckets.get(method) ?? createTokenBucket(throttle, now);
      buckets.set(method, bucket);
      return bucket.take();
    },
  };
}

/** The setting that names the method wins over those with a `*`. */
function throttleOf(settings: readonly MethodThrottle[], path: string, httpMethod: string): Throttle {
  const fits = settings.filter(
    (setting) => [path, "*"].includes(setting.resourcePath) && [httpMethod, "*"].includes(setting.httpMethod),
  );
  const wildcards = ({ resourcePath, httpMethod: method }: MethodThrottle) =>
    [resourcePath, method].filter((part) => part === "*").length;
  return fits.toSorted((a, b) => wildcards(a) - wildcards(b))[0]?.throttle ?? {};
}

import { AwsError } from "../aws-error.ts";
import type { Throttle, UsagePlanDefinition } from "./definitions.ts";
import { GatewayFault } from "./gateway-fault.ts";
import { makeId, makeKeyValue } from "./random-id.ts";
import { createRequestQuota, type RequestQuota } from "./request-quota.ts";
import { createTokenBucket, type TokenBucket } from "./token-bucket.ts";

export interface ApiKey {
  readonly apiKeyId: string;
  readonly name: string;
  readonly description?: string;
  readonly isEnabled: boolean;
  /** The secret itself. */
  readonly value: string;
  readonly createdAt: Date;
}

export interface KeyedRequest {
  readonly apiId: string;
  readonly stageName: string;
  /** `/resource/METHOD`, as usage plans name methods. */
  readonly method: string;
  readonly keyValue: string | undefined;
}

export interface UsagePlans {
  /** @throws {AwsError} `BadRequestException` or `ConflictException`. */
  createApiKey(key: Pick<ApiKey, "name" | "description" | "isEnabled"> & { readonly value?: string }): ApiKey;
  deleteApiKey(apiKeyId: string): void;
  apiKeys(): readonly ApiKey[];
  /** @returns its id. */
  createUsagePlan(definition: UsagePlanDefinition): string;
  deleteUsagePlan(planId: string): void;
  addKey(planId: string, apiKeyId: string): void;
  removeKey(planId: string, apiKeyId: string): void;
  /**
   * Let a request with an API key pass, and count it.
   *
   * @throws {GatewayFault} `INVALID_API_KEY` unless an enabled key is in a plan of the stage; `THROTTLED`;
   * `QUOTA_EXCEEDED`. A throttled request costs no quota.
   */
  admit(request: KeyedRequest): ApiKey;
}

/** API keys, and what usage plans allow them. */
export function createUsagePlans(now: () => number): UsagePlans {
  const keys = new Map<string, ApiKey>();
  const keysByValue = new Map<string, ApiKey>();
  const plans = new Map<string, UsagePlan>();
  const planOf = (planId: string): UsagePlan => plans.get(planId) ?? notFound("Usage Plan", planId);

  return {
    createApiKey({ value = makeKeyValue(), ...given }) {
      if (value.length < 20 || value.length > 128) {
        const message = `API Key value should be 20 to 128 characters, got ${value.length}`;
        throw new AwsError("BadRequestException", message);
      }
      if (keysByValue.has(value)) throw new AwsError("ConflictException", "API Key already exists", 409);
      const key: ApiKey = Object.freeze({ ...given, value, apiKeyId: makeId(), createdAt: new Date(now()) });
      keys.set(key.apiKeyId, key);
      keysByValue.set(value, key);
      return key;
    },
    deleteApiKey(apiKeyId) {
      const key = keys.get(apiKeyId) ?? notFound("API Key", apiKeyId);
      keys.delete(apiKeyId);
      keysByValue.delete(key.value);
      for (const plan of plans.values()) plan.allowances.delete(apiKeyId);
    },
    apiKeys: () => [...keys.values()],
    createUsagePlan(definition) {
      const planId = makeId();
      plans.set(planId, { definition, allowances: new Map() });
      return planId;
    },
    deleteUsagePlan: (planId) => {
      if (!plans.delete(planId)) notFound("Usage Plan", planId);
    },
    addKey(planId, apiKeyId) {
      const { definition, allowances } = planOf(planId);
      if (!keys.has(apiKeyId)) notFound("API Key", apiKeyId);
      const quota = definition.quota && createRequestQuota(definition.quota, now);
      allowances.set(apiKeyId, { quota, buckets: new Map() });
    },
    removeKey: (planId, apiKeyId) => {
      planOf(planId).allowances.delete(apiKeyId);
    },
    admit(request) {
      const key = keysByValue.get(request.keyValue ?? "");
      if (key?.isEnabled !== true) throw new GatewayFault("INVALID_API_KEY");
      for (const plan of plans.values()) {
        const allowance = plan.allowances.get(key.apiKeyId);
        const stage = plan.definition.stages.find(
          ({ apiId, stageName }) => apiId === request.apiId && stageName === request.stageName,
        );
        if (allowance === undefined || stage === undefined) continue;
        const own = stage.methodThrottles[request.method];
        const throttle = own ?? plan.definition.throttle ?? {};
        const scope = own === undefined ? "" : `${request.apiId}/${request.stageName}${request.method}`;
        if (!bucketOf(allowance, { scope, throttle, now }).take()) throw new GatewayFault("THROTTLED");
        if (allowance.quota?.take() === false) throw new GatewayFault("QUOTA_EXCEEDED");
        return key;
      }
      throw new GatewayFault("INVALID_API_KEY", { reason: "the API key is in no usage plan of the stage" });
    },
  };
}

interface UsagePlan {
  readonly definition: UsagePlanDefinition;
  /** By key: each has the plan's limits for itself. */
  readonly allowances: Map<string, Allowance>;
}

interface Allowance {
  readonly quota: RequestQuota | undefined;
  /** The plan's own under the empty name, and one per method with a throttle of its own. */
  readonly buckets: Map<string, TokenBucket>;
}

interface BucketOptions {
  readonly scope: string;
  readonly throttle: Throttle;
  readonly now: () => number;
}

function bucketOf({ buckets }: Allowance, { scope, throttle, now }: BucketOptions): TokenBucket {
  const bucket = buckets.get(scope) ?? createTokenBucket(throttle, now);
  buckets.set(scope, bucket);
  return bucket;
}

function notFound(what: string, id: string): never {
  throw new AwsError("NotFoundException", `Invalid ${what} identifier specified: ${id}`, 404);
}

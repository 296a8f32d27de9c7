import { describe, expect, it } from "vitest";
import type { UsagePlanDefinition } from "../../../../scripts/local/apigateway/definitions.ts";
import { GatewayFault } from "../../../../scripts/local/apigateway/gateway-fault.ts";
import { createUsagePlans } from "../../../../scripts/local/apigateway/usage-plans.ts";

function setUp(plan: Partial<UsagePlanDefinition> = {}) {
  let nowMs = 0;
  const plans = createUsagePlans(() => nowMs);
  const stages = [{ apiId: "api", stageName: "prod", methodThrottles: {} }];
  const planId = plans.createUsagePlan({ name: "plan", stages, ...plan });
  const addKey = (isEnabled = true) => {
    const key = plans.createApiKey({ name: "key", isEnabled });
    plans.addKey(planId, key.apiKeyId);
    return key;
  };
  /** What the gateway would say; `ok` when it lets the request pass. */
  const ask = (keyValue: string | undefined, to: { apiId?: string; stageName?: string } = {}) => {
    try {
      plans.admit({ apiId: "api", stageName: "prod", method: "/m/GET", keyValue, ...to });
      return "ok";
    } catch (error) {
      if (error instanceof GatewayFault) return error.type;
      throw error;
    }
  };
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { plans, planId, addKey, ask, wait };
}

describe("usage plans", () => {
  it("let a key pass on the stages of its plans only", () => {
    const { addKey, ask, plans } = setUp();
    const { value, apiKeyId } = addKey();
    expect(ask(value)).toBe("ok");
    expect(ask(value, { stageName: "test" })).toBe("INVALID_API_KEY");
    expect(ask(value, { apiId: "other" })).toBe("INVALID_API_KEY");
    const stages = [{ apiId: "api", stageName: "test", methodThrottles: {} }];
    plans.addKey(plans.createUsagePlan({ name: "second", stages }), apiKeyId);
    expect(ask(value, { stageName: "test" })).toBe("ok");
    expect(ask(value, { apiId: "other" })).toBe("INVALID_API_KEY");
  });

  it("refuse no key, an unknown key, a disabled key, and one that was taken out or deleted", () => {
    const { addKey, ask, plans, planId } = setUp();
    for (const unknown of [undefined, "", "unknown", addKey(false).value])
      expect(ask(unknown)).toBe("INVALID_API_KEY");
    const [first, second] = [addKey(), addKey()];
    expect([ask(first.value), ask(second.value)]).toEqual(["ok", "ok"]);
    plans.removeKey(planId, first.apiKeyId);
    plans.deleteApiKey(second.apiKeyId);
    expect([ask(first.value), ask(second.value)]).toEqual(["INVALID_API_KEY", "INVALID_API_KEY"]);
  });

  it("charge no quota for what they throttle, and give each key a bucket and a quota of its own", () => {
    const { addKey, ask, wait } = setUp({
      throttle: { ratePerSecond: 1, burst: 1 },
      quota: { limit: 2, offset: 0, period: "MONTH" },
    });
    const [first, second] = [addKey().value, addKey().value];
    expect([ask(first), ask(first), ask(first)]).toEqual(["ok", "THROTTLED", "THROTTLED"]);
    wait(1000);
    expect([ask(first), ask(second)]).toEqual(["ok", "ok"]);
    wait(1000);
    expect([ask(first), ask(second)]).toEqual(["QUOTA_EXCEEDED", "ok"]);
  });

  it("refuse values that are too short, too long or taken, and ids that they do not know", () => {
    const { plans, planId } = setUp();
    const create = (value: string) => plans.createApiKey({ name: "key", isEnabled: true, value });
    expect(() => create("x".repeat(19))).toThrow("20 to 128 characters, got 19");
    expect(() => create("x".repeat(129))).toThrow("got 129");
    expect(create("x".repeat(20)).value).toHaveLength(20);
    expect(create("x".repeat(128)).value).toHaveLength(128);
    expect(() => create("x".repeat(20))).toThrow("API Key already exists");
    expect(() => plans.addKey(planId, "nope")).toThrow("Invalid API Key identifier specified: nope");
    expect(() => plans.addKey("nope", "nope")).toThrow("Invalid Usage Plan identifier specified: nope");
    expect(() => plans.deleteUsagePlan("nope")).toThrow("Invalid Usage Plan identifier");
  });
});

import { describe, expect, test } from "vitest";
import { apiSettings } from "../../../infra/config/api-settings.ts";

describe("the API's settings", () => {
  test("are closed and limited where nothing is said", () => {
    expect(apiSettings.parse({})).toEqual({
      enabled: true,
      auth: "apiKey",
      throttle: { ratePerSecond: 1000, burst: 2000 },
      usagePlan: { ratePerSecond: 500, burst: 1000, quotaPerDay: 1_000_000 },
      corsOrigins: [],
    });
  });

  test("know no API without a key or a signature", () => {
    for (const auth of ["none", "NONE", "", null])
      expect(apiSettings.safeParse({ auth }).success).toBe(false);
  });

  test.each([
    [{ throttle: { ratePerSecond: 0 } }, false],
    [{ throttle: { ratePerSecond: 0.1 } }, true],
    [{ throttle: { ratePerSecond: 10_000 } }, true],
    [{ throttle: { ratePerSecond: 10_001 } }, false],
    [{ throttle: { burst: 0 } }, false],
    [{ throttle: { burst: 1 } }, true],
    [{ usagePlan: { burst: 10_000 } }, true],
    [{ usagePlan: { burst: 10_001 } }, false],
    [{ usagePlan: { quotaPerDay: 0 } }, false],
    [{ usagePlan: { quotaPerDay: 1 } }, true],
    [{ usagePlan: { quota: 1 } }, false],
  ])("%j are accepted: %s", (input, accepted) => {
    expect(apiSettings.safeParse(input).success).toBe(accepted);
  });

  test.each([
    ["https://example.com", true],
    ["http://localhost:8080", true],
    ["*", false],
    ["https://*.example.com", false],
    ["https://example.com/", false],
    ["example.com", false],
    ["https://example.com/app", false],
    ["https://a.example'", false],
  ])("%s is an origin: %s", (origin, accepted) => {
    expect(apiSettings.safeParse({ corsOrigins: [origin] }).success).toBe(accepted);
  });
});

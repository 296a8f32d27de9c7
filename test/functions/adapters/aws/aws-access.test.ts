import { afterEach, describe, expect, it, vi } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";

describe("what our own clients know of AWS", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });

  it("is what they are given", async () => {
    const credentials = { accessKeyId: "a", secretAccessKey: "s" };
    const access = awsAccess({ region: "eu-central-1", credentials, endpoint: "http://127.0.0.1:1" });
    expect(await access.region()).toBe("eu-central-1");
    expect(await access.credentials()).toBe(credentials);
    expect([access.endpointOf("S3"), access.endpointOf("DYNAMODB")]).toEqual(
      Array(2).fill("http://127.0.0.1:1"),
    );
  });

  it("stands in the SDK's environment otherwise", async () => {
    vi.stubEnv("AWS_PROFILE", undefined);
    vi.stubEnv("AWS_REGION", "ap-south-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "token");
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:2");
    const access = awsAccess();
    expect(await access.region()).toBe("ap-south-1");
    expect(await access.credentials()).toMatchObject({
      ...{ accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token" },
    });
    expect(access.endpointOf("S3")).toBe("http://127.0.0.1:1");
    expect(access.endpointOf("DYNAMODB")).toBe("http://127.0.0.1:2");
  });

  it("is credentials found once, by however many ask, until five minutes before they expire", async () => {
    vi.useFakeTimers({ now: 0, toFake: ["Date"] });
    let found = 0;
    const credentials = async () => {
      found++;
      return { accessKeyId: `${found}`, secretAccessKey: "s", expiration: new Date(Date.now() + 3_600_000) };
    };
    const access = awsAccess({ credentials });
    const idAt = async (timeMs: number) => {
      vi.setSystemTime(timeMs);
      const all = await Promise.all(Array.from({ length: 5 }, () => access.credentials()));
      return [...new Set(all.map(({ accessKeyId }) => accessKeyId))];
    };
    expect(await idAt(0)).toEqual(["1"]);
    expect(await idAt(55 * 60_000)).toEqual(["1"]);
    expect(await idAt(55 * 60_000 + 1)).toEqual(["2"]);
    expect(found).toBe(2);
  });

  it("is credentials that do not expire for ever, and those not found asked for again", async () => {
    let asked = 0;
    const credentials = async () => {
      if (asked++ === 0) throw new Error("not yet");
      return { accessKeyId: "a", secretAccessKey: "s" };
    };
    const access = awsAccess({ credentials });
    await expect(access.credentials()).rejects.toThrow("not yet");
    for (let i = 0; i < 3; i++) await access.credentials();
    expect(asked).toBe(2);
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { environmentAccess } from "../../../../functions/adapters/aws/environment-access.ts";

function stub(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

const lambda = {
  AWS_PROFILE: undefined,
  AWS_REGION: "ap-south-1",
  AWS_ACCESS_KEY_ID: "key",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "token",
};

describe("what a function knows of AWS", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it("is what the SDK finds in Lambda", async () => {
    stub(lambda);
    const [ours, sdk] = [environmentAccess(), awsAccess()];
    expect(await ours.region()).toBe(await sdk.region());
    expect(await sdk.credentials()).toMatchObject(await ours.credentials());
    expect(await ours.credentials()).toEqual({
      ...{ accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token" },
    });
  });

  it.each([undefined, ""])("has no session where its token is %o", async (token) => {
    stub({ ...lambda, AWS_SESSION_TOKEN: token });
    expect(await environmentAccess().credentials()).toEqual({
      accessKeyId: "key",
      secretAccessKey: "secret",
    });
  });

  it("is asked for at the first call: only then is said what is not set", async () => {
    stub({ ...lambda, AWS_REGION: undefined, AWS_SECRET_ACCESS_KEY: "" });
    const access = environmentAccess();
    const failure = { name: "ConfigError", code: "config.env" };
    await expect(access.region()).rejects.toMatchObject({
      ...failure,
      message: expect.stringContaining("AWS_REGION: not set"),
    });
    await expect(access.credentials()).rejects.toMatchObject({
      ...failure,
      message: expect.stringContaining("AWS_SECRET_ACCESS_KEY: empty"),
    });
  });

  it("sends each service to the endpoint of its variable", () => {
    stub({ AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_ENDPOINT_URL_KINESIS: "http://127.0.0.1:2" });
    stub({ AWS_ENDPOINT_URL_S3: undefined, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: undefined });
    const { endpointOf } = environmentAccess();
    expect([endpointOf("S3"), endpointOf("KINESIS")]).toEqual(["http://127.0.0.1:1", "http://127.0.0.1:2"]);
  });
});

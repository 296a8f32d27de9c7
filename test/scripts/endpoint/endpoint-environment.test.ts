import { describe, expect, it } from "vitest";
import { endpointEnvironment } from "../../../scripts/endpoint/endpoint-environment.ts";

const local = "http://localhost:4566";

describe("the environment of an endpoint", () => {
  it("points every client at it, with a key id that nothing else uses", () => {
    expect(endpointEnvironment(local, "/tmp/cdk", {})).toEqual({
      AWS_ENDPOINT_URL: local,
      AWS_ENDPOINT_URL_S3: local,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "headrace-endpoint",
      AWS_SECRET_ACCESS_KEY: "headrace-endpoint",
      CDK_HOME: "/tmp/cdk",
    });
  });

  it("takes region and keys that are given, and nothing else", () => {
    const given = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
    expect(endpointEnvironment(local, "/tmp/cdk", { ...given, AWS_PROFILE: "work" })).toEqual({
      ...given,
      AWS_ENDPOINT_URL: local,
      AWS_ENDPOINT_URL_S3: local,
      CDK_HOME: "/tmp/cdk",
    });
  });

  it.each([
    "https://cloudformation.us-east-1.amazonaws.com",
    "https://kinesis.cn-north-1.amazonaws.com.cn",
    "https://lambda.us-east-1.api.aws",
    "https://LAMBDA.US-EAST-1.AMAZONAWS.COM",
  ])("is refused for AWS itself: %s", (endpoint) => {
    expect(() => endpointEnvironment(endpoint, "/tmp/cdk", {})).toThrow(
      /which is AWS, expected a local cloud/,
    );
  });

  it("says what is wrong with what is no URL", () => {
    expect(() => endpointEnvironment("4566", "/tmp/cdk", {})).toThrow('got "4566", expected a URL');
  });
});

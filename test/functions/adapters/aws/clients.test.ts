import type { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterEach, describe, expect, it, vi } from "vitest";
import { dynamoClient, kinesisClient, s3Client } from "../../../../functions/adapters/aws/clients.ts";

const aws = { region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "s" } };

describe("the clients", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("try once, fail when time is up, and speak HTTP/1.1", async () => {
    for (const client of [dynamoClient(aws), kinesisClient(aws), s3Client(aws)]) {
      const handler = client.config.requestHandler as unknown as NodeHttpHandler;
      expect(await client.config.maxAttempts()).toBe(1);
      expect(handler.metadata?.handlerProtocol).toBe("http/1.1");
      // A handler reads its options with the first request.
      await handler.handle({ protocol: "none" } as never).catch(() => undefined);
      expect(handler.httpHandlerConfigs()).toMatchObject({
        connectionTimeout: 1_000,
        throwOnRequestTimeout: true,
      });
      client.destroy();
    }
  });

  it("address buckets by path only where the endpoint is not AWS", () => {
    vi.stubEnv("AWS_ENDPOINT_URL", undefined);
    vi.stubEnv("AWS_ENDPOINT_URL_S3", undefined);
    expect(s3Client(aws).config.forcePathStyle).toBe(false);
    expect(s3Client({ ...aws, endpoint: "http://127.0.0.1:1" }).config.forcePathStyle).toBe(true);
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    expect(s3Client(aws).config.forcePathStyle).toBe(true);
  });
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { onTestFinished } from "vitest";
import {
  createKinesis,
  type KinesisOptions,
  type KinesisService,
} from "../../../../scripts/local/kinesis/kinesis.ts";

/** An embedded Kinesis on a free port and an SDK client of it; both end with the test. */
export async function serveKinesis(
  options: KinesisOptions = {},
): Promise<{ kinesis: KinesisService; client: KinesisClient; endpoint: string }> {
  const kinesis = createKinesis(options);
  const server = createServer((request, response) => void kinesis.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = kinesisClient(endpoint);
  onTestFinished(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await kinesis.close();
  });
  return { kinesis, client, endpoint };
}

/** A client that never retries, so that a test sees every answer. */
export function kinesisClient(endpoint: string): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: 10_000 }),
  });
}

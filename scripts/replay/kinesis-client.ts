import { KinesisClient } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";

export interface KinesisTarget {
  /** @default what the SDK finds: `AWS_ENDPOINT_URL_KINESIS`, `AWS_ENDPOINT_URL`, else AWS itself */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/**
 * A Kinesis client that works against AWS and every local endpoint.
 *
 * The SDK speaks HTTP/2 to Kinesis, which local endpoints do not understand without TLS, so an overridden endpoint
 * gets HTTP/1.1.
 */
export function createKinesisClient(target: KinesisTarget = {}): KinesisClient {
  const timeouts = { connectionTimeout: 5_000, requestTimeout: 30_000 };
  return new KinesisClient({
    ...(target.endpoint !== undefined && { endpoint: target.endpoint }),
    ...(target.region !== undefined && { region: target.region }),
    // A copy, because the SDK writes a note of its own into the credentials it is given.
    ...(target.credentials !== undefined && { credentials: { ...target.credentials } }),
    ...(hasOverriddenEndpoint(target) && { requestHandler: new NodeHttpHandler(timeouts) }),
  });
}

/** Whether requests go to something other than AWS, such as the embedded cloud. */
export function hasOverriddenEndpoint({ endpoint }: KinesisTarget = {}): boolean {
  return Boolean(endpoint ?? process.env.AWS_ENDPOINT_URL_KINESIS ?? process.env.AWS_ENDPOINT_URL);
}

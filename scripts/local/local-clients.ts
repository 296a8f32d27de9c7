import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { localRegion } from "./service.ts";

/** Any key will do: signatures are not checked. */
export const localCredentials = Object.freeze({ accessKeyId: "local", secretAccessKey: "local" });

export interface LocalClients {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  /** Close their connections. */
  close(): void;
}

/** SDK clients of the embedded cloud, for what it does itself: deploying, and parking failed batches. */
export function createLocalClients(endpoint: string): LocalClients {
  // A copy, because the SDK writes a note of its own into the credentials it is given.
  const config = { endpoint, region: localRegion, credentials: { ...localCredentials } };
  const clients = {
    dynamodb: new DynamoDBClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sqs: new SQSClient(config),
    sns: new SNSClient(config),
  };
  return {
    ...clients,
    close: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

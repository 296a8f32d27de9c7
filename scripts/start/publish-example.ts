import { fileURLToPath } from "node:url";
import { dynamoClient, s3Client } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { S3PackageStore } from "../../functions/adapters/aws/s3-package-store.ts";
import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import type { StateOutputs } from "../../functions/contract/stack-outputs.ts";
import type { Cloud } from "../local/cloud.ts";
import { exampleFolder } from "../models/write-package.ts";
import { type Published, publishPackage } from "../publish/publish.ts";

/** Publish an example package into the embedded cloud. @throws {ModelArtifactError} when it fails its checks. */
export async function publishExample(
  cloud: Cloud,
  outputs: StateOutputs,
  example: "flight-delay" | "sensor-state",
): Promise<Published> {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = cloud.environment();
  const target = {
    endpoint: cloud.endpoint,
    region: AWS_REGION!,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID!, secretAccessKey: AWS_SECRET_ACCESS_KEY! },
  };
  const dynamodb = dynamoClient(target);
  const s3 = s3Client(target);
  try {
    return await publishPackage({
      folder: fileURLToPath(exampleFolder(example)),
      engine: createOrtEngine({ memoryMiB: 1_769 }),
      ledger: new DynamoLedger({ client: dynamodb, table: outputs.LedgerTableName }),
      packages: new S3PackageStore({ client: s3, bucket: outputs.ModelsBucketName }),
      by: "npm start",
      why: "the example model",
      now: Date.now,
    });
  } finally {
    dynamodb.destroy();
    s3.destroy();
  }
}

import { objectClient } from "../../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../../functions/adapters/aws/dynamo-ledger.ts";
import { S3LayoutStore } from "../../../functions/adapters/aws/s3-layout-store.ts";
import { S3PackageStore } from "../../../functions/adapters/aws/s3-package-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { createConcealerKeyMaker } from "../../../scripts/publish/concealer-key-maker.ts";
import { type Published, publishPackage } from "../../../scripts/publish/publish.ts";
import type { Stage } from "./stage.ts";

const engine = createOrtEngine({ memoryMiB: 1769 });

/** Publish a package and make it the champion. */
export function publish(stage: Stage, folder: string): Promise<Published> {
  const objects = { client: objectClient(stage.access), bucket: stage.outputs.ModelsBucketName };
  return publishPackage({
    folder,
    engine,
    ledger: new DynamoLedger({ client: stage.tables, table: stage.outputs.LedgerTableName }),
    packages: new S3PackageStore(objects),
    layouts: new S3LayoutStore(objects),
    concealerKeys: createConcealerKeyMaker(stage.s3, stage.outputs.ModelsBucketName),
    by: "the end-to-end suite",
    why: "a test",
    alias: "champion",
    now: Date.now,
  });
}

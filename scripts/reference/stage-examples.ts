import { s3Client } from "../../functions/adapters/aws/clients.ts";
import type { Example } from "../../functions/contract/example.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { readExamples } from "../../functions/core/train/examples/read-examples.ts";
import { discoverStage } from "../discover.ts";
import { createS3ObjectStore } from "../redrive/object-store.ts";

export interface StageExamplesOptions {
  readonly stage: StageName;
  readonly model: string;
  /** Of the predicted events, epoch milliseconds: outcomes come later, so no earlier ones are read. */
  readonly fromMs: number | undefined;
  readonly noteDamaged: (message: string) => void;
}

/** Read the examples that a stage keeps of a model, of every version, wherever the SDK's own environment points. */
export async function* stageExamples({
  stage,
  model,
  fromMs,
  noteDamaged,
}: StageExamplesOptions): AsyncGenerator<Example> {
  const { DataBucketName } = await discoverStage(stage);
  const client = s3Client();
  try {
    const store = createS3ObjectStore(client, DataBucketName);
    yield* readExamples({ store, model, noteDamaged, ...(fromMs !== undefined && { fromMs }) });
  } finally {
    client.destroy();
  }
}

import type { EarlyOutcome, Example } from "../../contract/example.ts";
import { type ExampleBatch, type ExampleStore, exampleObjects } from "../../core/outcome/example-store.ts";

/** Examples and early outcomes in a map from S3 key to what that object holds. */
export class MemoryExampleStore implements ExampleStore {
  readonly objects = new Map<string, readonly (Example | EarlyOutcome)[]>();

  async write(batch: ExampleBatch): Promise<void> {
    for (const { key, lines } of exampleObjects(batch)) this.objects.set(key, structuredClone(lines));
  }
}

import { ConflictError } from "../../core/errors.ts";
import type { LearningRecord, LearningStore } from "../../core/train/loop/learning-record.ts";

/** Records of retraining in memory. */
export class MemoryLearningStore implements LearningStore {
  readonly #records = new Map<string, LearningRecord>();

  async read(model: string): Promise<LearningRecord | undefined> {
    return structuredClone(this.#records.get(model));
  }

  async write(model: string, record: LearningRecord): Promise<void> {
    const standing = this.#records.get(model)?.revision ?? 0;
    if (record.revision !== standing + 1) {
      throw new ConflictError(
        `learning of ${model}: got revision ${record.revision}, expected ${standing + 1}; read it again`,
        {
          code: "dependency.conflict",
          details: { model, revision: record.revision },
        },
      );
    }
    this.#records.set(model, structuredClone(record));
  }
}

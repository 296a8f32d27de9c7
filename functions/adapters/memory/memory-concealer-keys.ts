import { ModelArtifactError } from "../../core/errors.ts";
import type { ConcealerKeys } from "../../core/private/concealer-keys.ts";

/** Concealer keys in a map. */
export class MemoryConcealerKeys implements ConcealerKeys {
  readonly keys: Map<string, Uint8Array>;

  constructor(keys: Iterable<readonly [model: string, key: Uint8Array]> = []) {
    this.keys = new Map(keys);
  }

  async read(model: string): Promise<Uint8Array> {
    const key = this.keys.get(model);
    if (key !== undefined) return key;
    throw new ModelArtifactError(
      `model "${model}": declares private paths, and has no key; publish the package`,
      {
        code: "model.package",
        details: { model },
      },
    );
  }
}

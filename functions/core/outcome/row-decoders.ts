import type { ModelDigest } from "../../contract/ids.ts";
import { ModelArtifactError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { LayoutStore } from "./layout-store.ts";
import { createRowDecoder, type RowDecoder } from "./row-decoder.ts";
import type { StoredLayout } from "./stored-layout.ts";

/** Decoders of one model's stored rows, by the version that made them. */
export interface RowDecoders {
  /** Take a layout that is at hand, so that it need not be read. */
  know(digest: ModelDigest, layout: StoredLayout): void;
  /**
   * @returns undefined where nothing says how the rows of that version are laid out.
   * @throws {DependencyError} when the store cannot be reached.
   */
  of(digest: ModelDigest): Promise<RowDecoder | undefined>;
}

/** Versions whose predictions may wait for their outcomes at one time; more are read anew. */
const maxKept = 32;

export function createRowDecoders({
  model,
  layouts,
  logger,
}: {
  readonly model: string;
  readonly layouts: LayoutStore;
  readonly logger: Logger;
}): RowDecoders {
  const known = new Map<ModelDigest, RowDecoder | undefined>();
  return {
    know: (digest, layout) => keep(digest, createRowDecoder(layout)),
    async of(digest) {
      if (!known.has(digest)) keep(digest, await read(digest));
      return known.get(digest);
    },
  };

  async function read(digest: ModelDigest): Promise<RowDecoder | undefined> {
    try {
      const layout = await layouts.read(model, digest);
      if (layout !== undefined) return createRowDecoder(layout);
      logger.warn("no examples are made of this version's predictions: it has no layout; publish it again", {
        digest,
      });
    } catch (error) {
      if (!(error instanceof ModelArtifactError)) throw error;
      logger.error("no examples are made of this version's predictions", { digest, error });
    }
    return undefined;
  }

  function keep(digest: ModelDigest, decoder: RowDecoder | undefined): void {
    if (known.size >= maxKept) known.delete(known.keys().next().value!);
    known.set(digest, decoder);
  }
}

import type { ModelDigest } from "../../contract/ids.ts";
import type { PackageFileName } from "../../contract/manifest.ts";
import { type LoadedModel, type LoadOptions, loadModel } from "./loaded-model.ts";
import type { PackageStore } from "./package-store.ts";

/** Loads versions of one model, each once. */
export interface ModelLoader {
  /**
   * @throws {ModelArtifactError} when the version cannot serve.
   * @throws {DependencyError} when it cannot be read.
   */
  load(digest: ModelDigest): Promise<LoadedModel>;
  /** Say which versions are in use: they are not released, whatever else is loaded. */
  keep(digests: readonly ModelDigest[]): void;
}

/**
 * Versions kept loaded: the one that answers, the one that answered before it, a challenger and a shadow. Sessions
 * leave memory behind when they are released, so that fewer changes are better than a tight bound.
 */
const maxLoaded = 4;

/** The reference of drift, which may be the largest of all, is not needed to predict. */
const servedFiles: readonly PackageFileName[] = ["model.json", "model.onnx", "samples.jsonl"];

/** @param packages - where versions are read from. */
export function createModelLoader(model: string, packages: PackageStore, options: LoadOptions): ModelLoader {
  const loaded = new Map<ModelDigest, Promise<LoadedModel>>();
  let kept: ReadonlySet<ModelDigest> = new Set();
  return {
    keep(digests) {
      kept = new Set(digests);
    },
    load(digest) {
      const known = loaded.get(digest);
      if (known !== undefined) {
        // The map is in the order of last use.
        loaded.delete(digest);
        loaded.set(digest, known);
        return known;
      }
      const loading = read(digest);
      loaded.set(digest, loading);
      // A failure is not remembered: the next batch tries again.
      loading.catch(() => {
        if (loaded.get(digest) === loading) loaded.delete(digest);
      });
      return loading;
    },
  };

  async function read(digest: ModelDigest): Promise<LoadedModel> {
    const reading = packages.read(model, digest, servedFiles);
    // The runtime starts while the model is on its way.
    options.engine.warm();
    const ready = await loadModel(digest, await reading, options);
    await releaseOldest(digest);
    return ready;
  }

  async function releaseOldest(newest: ModelDigest): Promise<void> {
    const oldest = [...loaded.keys()].find((digest) => digest !== newest && !kept.has(digest));
    if (loaded.size <= maxLoaded || oldest === undefined) return;
    const leaving = loaded.get(oldest);
    loaded.delete(oldest);
    // One that fails to load is told to whoever asked for it, and holds nothing to release.
    await leaving?.then(
      ({ session }) => session.release(),
      () => undefined,
    );
  }
}

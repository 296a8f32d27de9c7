import { describe, expect, it } from "vitest";
import { MemoryLedger } from "../../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../../functions/adapters/memory/memory-metrics.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import type { Aliases } from "../../../../functions/contract/ledger.ts";
import { DependencyError, ModelArtifactError } from "../../../../functions/core/errors.ts";
import type { LoadedModel } from "../../../../functions/core/inference/loaded-model.ts";
import { createRoleReader } from "../../../../functions/core/rollout/serving-roles.ts";

const digestOf = (letter: string) => letter.repeat(64) as ModelDigest;
const [one, two, three] = [digestOf("a"), digestOf("b"), digestOf("c")];

function setUp() {
  const state = { nowMs: 0 };
  const ledger = new MemoryLedger();
  const metrics = new MemoryMetrics();
  const broken = new Map<ModelDigest, Error>();
  const loads: ModelDigest[] = [];
  let kept: readonly ModelDigest[] = [];
  const loader = {
    async load(digest: ModelDigest) {
      loads.push(digest);
      const error = broken.get(digest);
      if (error !== undefined) throw error;
      return { digest } as LoadedModel;
    },
    keep(digests: readonly ModelDigest[]) {
      kept = digests;
    },
  };
  let revision = 0;
  const move = (aliases: Aliases) =>
    ledger.append({
      ...{ model: "m", revision: ++revision, at: "2001-01-31T00:00:00.000Z", by: "test", why: "test" },
      change: { kind: "alias", alias: "champion" },
      aliases,
    });
  const reader = () =>
    createRoleReader({
      ...{ model: "m", ledger, loader, metrics, logger: new MemoryLogger() },
      nowMs: () => state.nowMs,
    });
  const show = async (roles: ReturnType<typeof reader>) => {
    const { champion, challenger, shadow } = await roles.read();
    return [champion.digest, challenger?.model.digest, shadow?.model.digest];
  };
  return { state, move, broken, loads, metrics, reader, show, kept: () => kept };
}

const artifactError = new ModelArtifactError("broken", { code: "model.samples" });

describe("createRoleReader", () => {
  it("loads whom the ledger names, with share and sample, and notices a move within a second", async () => {
    const { state, move, reader, show, kept } = setUp();
    await move({ champion: { digest: one } });
    const roles = reader();
    expect(await show(roles)).toEqual([one, undefined, undefined]);
    await move({
      champion: { digest: two },
      challenger: { digest: one, share: 0.1 },
      shadow: { digest: three, sample: 0.5 },
    });
    state.nowMs = 999;
    expect(await show(roles)).toEqual([one, undefined, undefined]);
    state.nowMs = 1000;
    expect(await roles.read()).toMatchObject({ challenger: { share: 0.1 }, shadow: { sample: 0.5 } });
    expect(await show(roles)).toEqual([two, one, three]);
    // Those that serve, and who was champion before.
    expect(new Set(kept())).toEqual(new Set([one, two, three]));
  });

  it("leaves the old champion serving where the new one cannot be loaded, says so, and tries again later", async () => {
    const { state, move, broken, metrics, reader, show, loads } = setUp();
    await move({ champion: { digest: one } });
    const roles = reader();
    await show(roles);
    broken.set(two, artifactError);
    await move({ champion: { digest: two } });
    for (state.nowMs = 1000; state.nowMs < 20_000; state.nowMs += 1000)
      expect(await show(roles)).toEqual([one, undefined, undefined]);
    expect(metrics.sum("AliasErrors")).toBe(1);
    expect(loads.filter((digest) => digest === two)).toHaveLength(1);
    broken.clear();
    state.nowMs = 60_000;
    expect(await show(roles)).toEqual([two, undefined, undefined]);
  });

  it("goes on with the champion before in a new environment too, and past several that are broken", async () => {
    const { move, broken, reader, show } = setUp();
    await move({ champion: { digest: one } });
    await move({ champion: { digest: two } });
    await move({ champion: { digest: three } });
    broken.set(two, artifactError);
    broken.set(three, artifactError);
    expect(await show(reader())).toEqual([one, undefined, undefined]);
  });

  it("throws what stopped the champion where there is nobody else", async () => {
    const { move, broken, reader, show } = setUp();
    await move({ champion: { digest: one } });
    broken.set(one, artifactError);
    await expect(show(reader())).rejects.toBe(artifactError);
    const down = new DependencyError("down", { code: "dependency.unavailable" });
    broken.set(one, down);
    await expect(show(reader())).rejects.toBe(down);
  });

  it("runs without a challenger or shadow that cannot be loaded", async () => {
    const { move, broken, metrics, reader, show } = setUp();
    broken.set(two, artifactError);
    broken.set(three, new DependencyError("down", { code: "dependency.unavailable" }));
    await move({
      champion: { digest: one },
      challenger: { digest: two, share: 0.1 },
      shadow: { digest: three, sample: 1 },
    });
    expect(await show(reader())).toEqual([one, undefined, undefined]);
    expect(metrics.sum("AliasErrors")).toBe(2);
  });

  it("says what is missing where nothing was published, and where nothing is champion", async () => {
    const { move, reader, show } = setUp();
    await expect(show(reader())).rejects.toMatchObject({ code: "model.unknown" });
    await move({ shadow: { digest: one, sample: 1 } });
    await expect(show(reader())).rejects.toMatchObject({ code: "model.alias" });
  });
});

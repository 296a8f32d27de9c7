import { describe, expect, it } from "vitest";
import { MemoryLedger } from "../../../../functions/adapters/memory/memory-ledger.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { DependencyError, ModelNotFoundError } from "../../../../functions/core/errors.ts";
import { createChampionReader, maxAliasAgeMs } from "../../../../functions/core/rollout/champion.ts";
import type { Ledger } from "../../../../functions/core/rollout/ledger.ts";

const [one, two] = ["1", "2"].map((digit) => digit.repeat(64) as ModelDigest) as [ModelDigest, ModelDigest];

function setUp() {
  const memory = new MemoryLedger();
  let revision = 0;
  const state = { nowMs: 5_000, reads: 0, isDown: false };
  const ledger: Ledger = {
    history: memory.history.bind(memory),
    append: memory.append.bind(memory),
    async latest(model) {
      state.reads++;
      if (state.isDown) throw new DependencyError("ledger down", { code: "dependency.unavailable" });
      return await memory.latest(model);
    },
  };
  const move = (champion: ModelDigest | undefined) =>
    memory.append({
      model: "m",
      revision: ++revision,
      at: "2001-01-31T00:00:00.000Z",
      by: "test",
      why: "test",
      change: { kind: "alias", alias: "champion", digest: champion },
      aliases:
        champion === undefined ? { shadow: { digest: two, sample: 1 } } : { champion: { digest: champion } },
    });
  return { state, move, champion: createChampionReader({ model: "m", ledger, nowMs: () => state.nowMs }) };
}

describe("champion reader", () => {
  it("believes what it read until it is too old, to the millisecond", async () => {
    const { state, move, champion } = setUp();
    await move(one);
    expect(await champion.read()).toBe(one);
    await move(two);
    state.nowMs += maxAliasAgeMs - 1;
    expect(await champion.read()).toBe(one);
    expect(state.reads).toBe(1);
    state.nowMs += 1;
    expect(await champion.read()).toBe(two);
    expect(state.reads).toBe(2);
  });

  it("reads again when the clock was set back", async () => {
    const { state, move, champion } = setUp();
    await move(one);
    await champion.read();
    await move(two);
    state.nowMs -= 3_600_000;
    expect(await champion.read()).toBe(two);
  });

  it("says that nothing was published, or that nothing is champion", async () => {
    const { move, champion } = setUp();
    await expect(champion.read()).rejects.toMatchObject({
      name: "ModelNotFoundError",
      code: "model.unknown",
      message: 'model "m": nothing was published; publish a package',
    });
    await move(undefined);
    const error = await champion.read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelNotFoundError);
    expect(error).toMatchObject({
      code: "model.alias",
      message: 'model "m": no version is champion; publish one with the alias champion',
    });
    await move(one);
    expect(await champion.read()).toBe(one);
  });

  it("passes on that the ledger is down, and forgets what it knew only when that is too old", async () => {
    const { state, move, champion } = setUp();
    await move(one);
    await champion.read();
    state.isDown = true;
    expect(await champion.read()).toBe(one);
    state.nowMs += maxAliasAgeMs;
    await expect(champion.read()).rejects.toThrow(DependencyError);
    await expect(champion.read()).rejects.toThrow(DependencyError);
    state.isDown = false;
    expect(await champion.read()).toBe(one);
  });
});

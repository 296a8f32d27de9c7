import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import type { Aliases, LedgerEntry } from "../../../functions/contract/ledger.ts";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import type { RolloutStage } from "../../../scripts/rollout/open-stage.ts";
import { readStageVerdict } from "../../../scripts/rollout/read-stage-verdict.ts";
import { declared, modelName } from "./memory-stage.ts";

const [champion, other] = ["a", "b"].map((each) => each.repeat(64)) as [ModelDigest, ModelDigest];

function read(aliases: Aliases, parts: Record<string, unknown> = {}) {
  const stage = {
    sketches: new MemoryShardStateStore(),
    tiles: new MemoryShardStateStore(),
    declarations: {
      read: async (model: string, digest: ModelDigest) => {
        expect([model, digest]).toEqual([modelName, champion]);
        return modelPackage.parse({ ...declared, ...parts });
      },
    },
  };
  return readStageVerdict(stage as unknown as RolloutStage, { model: modelName, aliases } as LedgerEntry);
}

describe("the verdict of a stage's model", () => {
  it("is of each version beside the champion, for people and for programs", async () => {
    const challenger = { digest: other, share: 0.2 };
    const shown = await read({
      champion: { digest: champion },
      challenger,
      shadow: { digest: champion, sample: 1 },
    });
    expect(shown?.lines.filter((line) => line.includes("beside"))).toEqual([
      expect.stringMatching(/^challenger bbbbbbbbbbbb beside champion aaaaaaaaaaaa: HOLD, /),
      expect.stringMatching(/^shadow aaaaaaaaaaaa beside champion aaaaaaaaaaaa: HOLD, /),
    ]);
    expect(JSON.parse(JSON.stringify(shown?.json))).toMatchObject([
      { role: "challenger", champion, other, verdict: { decision: "hold", interval: [null, null] } },
      { role: "shadow" },
    ]);
  });

  it("is none where nothing is live beside the champion", async () => {
    expect(await read({ champion: { digest: champion } })).toBeUndefined();
    expect(await read({ challenger: { digest: other, share: 0 } })).toBeUndefined();
  });

  it("says why there can be none", async () => {
    const shown = await read(
      { champion: { digest: champion }, shadow: { digest: other, sample: 1 } },
      { outcome: undefined },
    );
    expect(shown).toEqual({ lines: ["", "no verdict: the package declares no outcome"], json: [] });
  });
});

import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { UsageError } from "../../../scripts/cli/usage-error.ts";
import { createStage, modelName } from "./memory-stage.ts";

/** Three versions that differ in nothing that is served. */
async function threeVersions(overrides: Parameters<typeof createStage>[0] = {}) {
  const stage = createStage(overrides);
  const digests: ModelDigest[] = [];
  for (const samplesTolerance of [0.1, 0.2, 0.3]) digests.push(await stage.publish({ samplesTolerance }));
  return { ...stage, digests: digests as [ModelDigest, ModelDigest, ModelDigest] };
}

const short = (digest: string) => digest.slice(0, 12);

describe("npm run models -- promote, rollback, share and shadow", () => {
  it("moves what it is asked to, and tells what changed and how it is taken back", async () => {
    const { models, digests } = await threeVersions();
    const [a, b, c] = digests;
    expect(await models("share", b.slice(0, 8), "20")).toEqual([
      `delays: made ${short(b)} challenger with 20 %`,
      `  before     champion ${short(a)}`,
      `  live       champion ${short(a)}, challenger ${short(b)} (20 %)`,
      "  ledger     revision 4, 2001-01-31T00:04:00.000Z, by ada: by hand",
      "  undo       npm run models -- share delays off",
    ]);
    expect(
      await models("shadow", modelName, c.slice(0, 6), "0.5%", "--by", "bob", "--why", "a look"),
    ).toEqual([
      `delays: made ${short(c)} shadow of 0.5 %`,
      `  before     champion ${short(a)}, challenger ${short(b)} (20 %)`,
      `  live       champion ${short(a)}, challenger ${short(b)} (20 %), shadow ${short(c)} (0.5 %)`,
      "  ledger     revision 5, 2001-01-31T00:05:00.000Z, by bob: a look",
      "  undo       npm run models -- shadow delays off",
    ]);
    expect(await models("share", "50")).toContain(
      `  undo       npm run models -- share delays ${short(b)} 20`,
    );
    expect(await models("promote", "challenger")).toEqual([
      `delays: made ${short(b)} champion`,
      `  before     champion ${short(a)}, challenger ${short(b)} (50 %), shadow ${short(c)} (0.5 %)`,
      `  live       champion ${short(b)}, shadow ${short(c)} (0.5 %)`,
      "  ledger     revision 7, 2001-01-31T00:07:00.000Z, by ada: by hand",
      "  undo       npm run models -- rollback delays",
      `  undo       npm run models -- share delays ${short(b)} 50`,
    ]);
    expect(await models("rollback")).toEqual([
      `delays: rolled back to ${short(a)}`,
      `  before     champion ${short(b)}, shadow ${short(c)} (0.5 %)`,
      `  live       champion ${short(a)}, shadow ${short(c)} (0.5 %)`,
      "  ledger     revision 8, 2001-01-31T00:08:00.000Z, by ada: by hand",
      `  undo       npm run models -- promote delays ${short(b)}`,
    ]);
    expect(await models("shadow", "off", "--stage", "prod")).toContain(
      `  undo       npm run models -- shadow delays ${short(c)} 0.5 --stage prod`,
    );
  });

  it("takes back what it says takes it back", async () => {
    const { models, modelsJson, ledger, digests } = await threeVersions();
    const [a, b, c] = digests;
    for (const move of [
      ["share", b, "20"],
      ["share", c, "30"],
      ["shadow", b, "100"],
      ["promote", "shadow"],
      ["rollback"],
      ["promote", a],
      ["share", "off"],
    ]) {
      const before = (await ledger.latest(modelName))!.aliases;
      const { undo, outcome } = await modelsJson(...move);
      if (outcome === "unchanged") continue;
      for (const command of undo) await models(...command.replace("npm run models -- ", "").split(" "));
      expect((await ledger.latest(modelName))!.aliases).toEqual(before);
      await models(...move);
    }
  });

  it("says so and writes nothing where it is so already", async () => {
    const { models, modelsJson, digests, ledger } = await threeVersions();
    expect(await models("promote", digests[0])).toEqual([
      "delays: it is so already; nothing was written",
      `  live       champion ${short(digests[0])}`,
    ]);
    expect(await modelsJson("shadow", "off")).toMatchObject({ outcome: "unchanged", undo: [] });
    expect(await ledger.history(modelName)).toHaveLength(3);
  });

  it("refuses a version that is damaged, or fails its samples, and writes nothing", async () => {
    const { models, digests, packages, publish, ledger } = await threeVersions();
    const key = `models/${modelName}/${digests[1]}/model.onnx`;
    packages.objects.set(key, packages.objects.get(key)!.slice(1));
    await expect(models("share", digests[1], "1")).rejects.toMatchObject({ code: "model.digest" });
    const files = new Map(await packages.read(modelName, digests[2]));
    const sample = {
      event: { flight: "1", departs: "2001-01-31T00:00:00Z", type: "departure", distance: 1 },
    };
    files.set("samples.jsonl", Buffer.from(JSON.stringify({ ...sample, outputs: { probability: 7 } })));
    const failing = await packages.write(modelName, files);
    await publish();
    const newest = (await ledger.latest(modelName))!;
    await ledger.append({
      ...newest,
      revision: newest.revision + 1,
      change: { kind: "publish", digest: failing, sourceDigest: "s" },
    });
    await expect(models("promote", failing)).rejects.toMatchObject({
      code: "model.samples",
      message: expect.stringMatching(
        /^model "delays": \w{12} cannot serve, and nothing was moved: model fails/,
      ),
    });
    expect(await ledger.history(modelName)).toHaveLength(5);
  });

  it("refuses a challenger that cannot be compared with the champion, and a champion for whom one could not", async () => {
    const { models, digests, publish, ledger } = await threeVersions();
    const other = await publish({ predictOn: { type: "arrival" } });
    await expect(models("share", other, "10")).rejects.toThrow(
      /as challenger beside the champion \w{12}, which it cannot be compared with; promote it instead.*\n {2}predictOn: got/,
    );
    await models("shadow", digests[1], "10");
    await expect(models("promote", other)).rejects.toThrow(/as shadow beside .* stop the shadow first/);
    await models("shadow", "off");
    await models("promote", other);
    // A rollback is not held up: the shadow is not run beside a champion that it does not fit.
    await models("rollback");
    await models("promote", other);
    expect(await ledger.history(modelName)).toHaveLength(4 + 5);
  });

  it("names what is wrong with its arguments", async () => {
    const { models } = await threeVersions();
    const wrong: readonly [args: string[], message: RegExp][] = [
      [["promote"], /got nothing, expected a version/],
      [["rollback", "a", "b"], /got "a" "b", expected a model at most/],
      [["share", "many"], /got "many", expected a percentage/],
      [["share", "delays", "aaaaaa", "20", "x"], /expected \[model\] \[version\] and a percentage/],
      [["shadow", "101"], /got "101", expected a percentage/],
      [["promote", "aaaaaa", "--at", "2001-01-31"], /--at: unknown option/],
      [["rollback", "--cold"], /--cold: unknown option/],
      [["rolback"], /got "rolback", expected list, .*did you mean "rollback"/],
      [["share", "20", "--why", ""], /--why: got "", expected from 1 to 1000 characters/],
    ];
    for (const [args, message] of wrong) {
      const error = await models(...args).catch((thrown: unknown) => thrown);
      expect(error, args.join(" ")).toBeInstanceOf(UsageError);
      expect((error as Error).message).toMatch(message);
    }
    await expect(models("promote", "none", "aaaaaa")).rejects.toMatchObject({ code: "model.unknown" });
  });

  it("wants a name where the stage has several models", async () => {
    const { models } = await threeVersions({ listModels: async () => ["delays", "other"] });
    await expect(models("rollback")).rejects.toThrow(
      "got none, and the stage dev has delays, other; name one",
    );
  });
});

describe("npm run models -- list, show and history", () => {
  it("shows what is live now, and what was then", async () => {
    const { models, modelsJson, digests } = await threeVersions();
    const [a, b, c] = digests;
    await models("share", b, "20");
    await models("share", "50");
    await models("promote", c);
    expect(await models("show")).toEqual([
      "delays, revision 6 of 2001-01-31 00:06:00 UTC by ada: by hand",
      "  alias       version       share  since, UTC",
      `  champion    ${short(c)}         2001-01-31 00:06:00`,
      `  challenger  ${short(b)}   50 %  2001-01-31 00:04:00`,
    ]);
    expect(await models("show", "delays", "--at", "2001-01-31T00:04:59Z")).toEqual([
      "delays, revision 4 of 2001-01-31 00:04:00 UTC by ada: by hand",
      "  alias       version       share  since, UTC",
      `  champion    ${short(a)}         2001-01-31 00:01:00`,
      `  challenger  ${short(b)}   20 %  2001-01-31 00:04:00`,
    ]);
    const { aliases, verdict } = await modelsJson("show", "--at=2001-01-31T00:03:00Z");
    expect(aliases).toEqual([
      { alias: "champion", digest: a, ratio: null, since: "2001-01-31T00:01:00.000Z" },
    ]);
    expect(verdict).toBeNull();
    await expect(models("show", "--at", "2001-01-31")).rejects.toThrow(
      /--at: got 2001-01-31T00:00:00.000Z, when nothing of "delays" was published; its ledger begins at 2001-01-31T00:01/,
    );
  });

  it("lists the models of a stage and the versions of one", async () => {
    const { models, modelsJson, digests } = await threeVersions({
      listModels: async () => ["delays", "new"],
    });
    const [a, b, c] = digests;
    await models("shadow", "delays", c, "10");
    expect(await models("list")).toEqual([
      "model   champion      challenger  shadow             versions  last entry, UTC",
      `delays  ${short(a)}  –           ${short(c)} 10 %         3  2001-01-31 00:04:00`,
    ]);
    expect(await models("list", "delays")).toEqual([
      "version       alias     published, UTC       by   why",
      `${short(c)}  shadow    2001-01-31 00:03:00  ada  trained`,
      `${short(b)}            2001-01-31 00:02:00  ada  trained`,
      `${short(a)}  champion  2001-01-31 00:01:00  ada  trained`,
    ]);
    expect((await modelsJson("list", "--at", "2001-01-31T00:02:30Z")).models[0].versions).toHaveLength(2);
  });

  it("shows the ledger, the newest entry first, as many as are wanted", async () => {
    const { models, modelsJson, digests } = await threeVersions();
    const [a, b] = digests;
    await models("promote", b, "--why", "better");
    await models("rollback", "--why", "worse after all");
    expect(await models("history", "--limit", "3")).toEqual([
      "rev  at, UTC              what                         live from then on      by   why",
      `  5  2001-01-31 00:05:00  rolled back to ${short(a)}  champion ${short(a)}  ada  worse after all`,
      `  4  2001-01-31 00:04:00  made ${short(b)} champion   champion ${short(b)}  ada  better`,
      `  3  2001-01-31 00:03:00  published ${short(digests[2])}       champion ${short(a)}  ada  trained`,
    ]);
    const { entries } = await modelsJson("history", "delays", "--at", "2001-01-31T00:04:00Z");
    expect(entries.map(({ revision }: { revision: number }) => revision)).toEqual([4, 3, 2, 1]);
  });

  it("shows the verdict of whoever reads one, and helps", async () => {
    const { models, modelsJson } = await threeVersions({
      readVerdict: async (_, { revision }) => ({
        lines: ["", `verdict at ${revision}`],
        json: { hold: true },
      }),
    });
    expect((await models("show")).slice(-2)).toEqual(["", "  verdict at 3"]);
    expect((await modelsJson("show")).verdict).toEqual({ hold: true });
    expect((await models("--help")).slice(0, 3)).toEqual([
      "npm run models -- <command> [options]",
      "",
      "Models.",
    ]);
    expect((await models("share", "--help"))[0]).toBe(
      "npm run models -- share [model] [version] <percent|off> [options]",
    );
  });
});

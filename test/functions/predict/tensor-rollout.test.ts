import { describe, expect, it } from "vitest";
import { type PackageFileName, packageKey } from "../../../functions/contract/manifest.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import { createBreaker } from "../../../functions/core/rollout/breaker.ts";
import { isChallengersEntity } from "../../../functions/core/rollout/route.ts";
import { buildModel } from "../../../functions/core/train/onnx/build-model.ts";
import { ask, packageOf, tablePackage } from "../stream/set-up.ts";
import { setUp } from "./set-up.ts";

const url = "/v2/models/table/infer";
const first = [0.125, 0.25, 0.5, 1];
const second = [0.5, 0.75, 0.25, 0.125];

async function rollOut(
  challengerFiles: PackageFiles = tablePackage({}, second),
  overrides: Parameters<typeof setUp>[1] = {},
) {
  const stage = await setUp(tablePackage({}, first), overrides);
  const champion = stage.digest!;
  const challenger = await stage.publish(challengerFiles, () => ({ champion: { digest: champion } }));
  return {
    ...stage,
    champion,
    challenger,
    share: (share: number) =>
      stage.move({ champion: { digest: champion }, challenger: { digest: challenger, share } }),
    async infer(place: number, more: object = {}, path = url) {
      const inputs = [{ name: "features", shape: [1, 2], datatype: "FP32", data: [place, 0] }];
      const { status, json } = await stage.call("POST", path, { inputs, ...more });
      return { status, version: json.model_version, score: json.outputs?.[0].data[0], code: json.code };
    },
  };
}

describe("inference while a challenger is on", () => {
  it("is answered by the version whose entity the request names, and only that one runs", async () => {
    const { share, infer, champion, challenger, runs, metrics } = await rollOut(
      tablePackage({ cache: { memoryBytes: 0 } }, second),
    );
    await share(0.4);
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const before = runs.length;
      const { version, score } = await infer(i % 4, { parameters: { entity: `N${i}` } });
      const isChallengers = isChallengersEntity(`N${i}`, challenger, 0.4);
      expect(version).toBe(isChallengers ? challenger : champion);
      expect(score).toBe((isChallengers ? second : first)[i % 4]);
      expect(runs.length - before).toBeLessThanOrEqual(1);
      seen.add(version);
    }
    expect(seen.size).toBe(2);
    expect(metrics.sum("ChallengerAnswers")).toBe(
      Array.from({ length: 60 }, (_, i) => `N${i}`).filter((each) =>
        isChallengersEntity(each, challenger, 0.4),
      ).length,
    );
  });

  it("goes by the request's id where it names no entity, and to the champion where it has neither", async () => {
    const { share, infer, champion, challenger } = await rollOut();
    await share(0.5);
    for (let i = 0; i < 20; i++) {
      const expected = isChallengersEntity(`r${i}`, challenger, 0.5) ? challenger : champion;
      expect((await infer(0, { id: `r${i}` })).version).toBe(expected);
      expect((await infer(0, { id: "other", parameters: { entity: `r${i}` } })).version).toBe(expected);
    }
    await share(1);
    expect((await infer(0)).version).toBe(champion);
    expect((await infer(0, { id: "any" })).version).toBe(challenger);
    expect((await infer(0, { parameters: { entity: 7 } })).version).toBe(challenger);
  });

  it("refuses an entity that is neither text nor a number", async () => {
    const { infer } = await rollOut();
    expect(await infer(0, { parameters: { entity: true } })).toMatchObject({
      status: 400,
      code: "input.type",
    });
  });

  it("stays with the champion where the challenger's tensors are not the champion's", async () => {
    const other = buildModel({
      inputs: [{ name: "x", type: "float32", shape: ["N", 2] }],
      outputs: [{ name: "score", type: "float32", shape: ["N", 2] }],
      nodes: [{ opType: "Identity", inputs: ["x"], outputs: ["score"] }],
    });
    const files = packageOf(other, {
      name: "table",
      event: { id: "id", time: "at" },
      predictOn: { type: "ask" },
      features: { place: { from: "place" }, other: { from: "other", default: 0 } },
      outputs: { score: { from: "score", index: 0 } },
      keep: true,
    });
    const { share, infer, champion } = await rollOut(files);
    await share(1);
    expect(await infer(1, { id: "any" })).toMatchObject({ status: 200, version: champion, score: first[1] });
  });

  it("falls back to the champion where the challenger fails, and stops asking it", async () => {
    let nowMs = 0;
    const breaker = createBreaker({ nowMs: () => nowMs });
    // A table of one: every other place makes its run fail.
    const { share, infer, champion, challenger, metrics } = await rollOut(tablePackage({}, [0.5]), {
      breaker,
    });
    await share(1);
    for (let i = 0; i < 4; i++)
      expect(await infer(3, { id: "a" })).toMatchObject({ status: 200, version: champion, score: first[3] });
    expect([metrics.sum("ChallengerErrors"), metrics.sum("ChallengerStopped")]).toEqual([3, 1]);
    expect((await infer(0, { id: "a" })).version).toBe(champion);
    nowMs += 60_000;
    expect((await infer(0, { id: "a" })).version).toBe(challenger);
  });

  it("asked of an alias or a digest is answered by that version, whatever the shares", async () => {
    const { infer, move, champion, challenger } = await rollOut();
    const of = (version: string) => infer(1, { id: "a" }, `/v2/models/table/versions/${version}/infer`);
    expect(await of("challenger")).toMatchObject({ status: 404, code: "model.alias" });
    await move({
      champion: { digest: champion },
      challenger: { digest: challenger, share: 0 },
      shadow: { digest: challenger, sample: 1 },
    });
    for (const version of ["challenger", "shadow", challenger])
      expect(await of(version)).toMatchObject({ status: 200, version: challenger, score: second[1] });
    for (const version of ["champion", champion])
      expect(await of(version)).toMatchObject({ status: 200, version: champion, score: first[1] });
    expect(await of("0".repeat(64))).toMatchObject({ status: 404, code: "model.version" });
  });

  const wrongSample = `${JSON.stringify({ event: ask("a", 0), outputs: { score: 0.9 } })}\n`;

  it.each<[string, Partial<Record<PackageFileName, string>>, string?]>([
    ["whose samples fail", { "samples.jsonl": wrongSample }],
    ["that the runtime cannot load", { "model.onnx": "no model" }],
    ["whose bytes are not those that were published", {}, "damaged since"],
  ])("is never answered by a package %s", async (_, written, damage) => {
    const files = new Map(tablePackage({}, second));
    for (const [name, text] of Object.entries(written)) files.set(name as PackageFileName, Buffer.from(text));
    const { infer, move, champion, challenger, packages, model } = await rollOut(files);
    if (damage) packages.objects.set(packageKey(model, challenger, "model.onnx"), Buffer.from(damage));
    const of = (version: string) => infer(1, { id: "a" }, `/v2/models/table/versions/${version}/infer`);
    await move({
      champion: { digest: champion },
      challenger: { digest: challenger, share: 1 },
      shadow: { digest: challenger, sample: 1 },
    });
    for (const version of ["challenger", "shadow", challenger]) expect((await of(version)).status).toBe(503);
    expect(await infer(1, { id: "a" })).toMatchObject({ status: 200, version: champion });

    await move({ champion: { digest: challenger } });
    expect(await infer(1)).toMatchObject({ status: 200, version: champion });
    expect((await of("champion")).status).toBe(503);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleData } from "../../../functions/assemble/assemble-data.ts";
import { assembleOutput } from "../../../functions/contract/learning.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import { readManifest } from "../../../functions/core/train/training-rows.ts";
import { earlyOf, exampleOf, hourMs, request, scores, setUp, startMs } from "./set-up.ts";

const key = "learning/table/table-20010131-1/manifest.json";

/** A stage with the examples of so many events. */
async function stageWith(count: number, given: Parameters<typeof setUp>[0] = {}) {
  const stage = await setUp(given);
  stage.write({ examples: Array.from({ length: count }, (_, i) => exampleOf(i, stage.digest)) });
  return stage;
}

/** What is under learning/, by key. */
function made({ store }: Awaited<ReturnType<typeof setUp>>) {
  return new Map([...store.objects].filter(([each]) => each.startsWith("learning/")));
}

describe("assembling training data", () => {
  it("makes rows of the champion's examples, whenever they were, and answers what comes next", async () => {
    const stage = await stageWith(100);
    const answer = await stage.run();
    expect(assembleOutput.parse(answer)).toEqual(answer);
    expect(answer).toEqual({
      ...{ manifestKey: key, champion: stage.digest, seconds: 0 },
      rows: { train: 80, holdout: 20 },
    });
    const rowOf = (i: number) => [i % 4, i, i % 3 === 0 ? 1 : 0, 1];
    expect(await stage.rowsOf("train")).toEqual(Array.from({ length: 80 }, (_, i) => rowOf(i)));
    expect(await stage.rowsOf("holdout")).toEqual(Array.from({ length: 20 }, (_, i) => rowOf(80 + i)));
    expect(await readManifest(stage.store, key)).toMatchObject({
      ...{ model: "table", execution: request.execution, champion: stage.digest },
      ...{ label: { kind: "binary", output: "score" }, output: "learning/table/table-20010131-1/output/" },
    });
  });

  it("takes the span of event time that the package asks for, however late outcomes come", async () => {
    const stage = await setUp({ training: { rows: { least: 20, over: "5h", holdout: 0.4 } } });
    const late = (i: number) => ({
      outcomeTime: new Date(startMs + (i * hourMs) / 10 + (i % 2 === 0 ? 47 : 0) * hourMs).toISOString(),
    });
    stage.write({ examples: Array.from({ length: 100 }, (_, i) => exampleOf(i, stage.digest, late(i))) });
    expect((await stage.run()).rows).toEqual({ train: 30, holdout: 20 });
  });

  it("joins outcomes that came before their predictions", async () => {
    const stage = await stageWith(50);
    const early = Array.from({ length: 60 }, (_, i) => earlyOf(40 + i, stage.digest));
    // Ten of them have examples too, and one has no prediction.
    stage.write({ shard: "shardId-000000000001", early: early.map(({ outcome }) => outcome) });
    for (const { prediction } of early.slice(0, -1)) stage.predictions.set(prediction.eventId, [prediction]);
    expect((await stage.run()).rows).toEqual({ train: 70, holdout: 29 });
    const others = [...(await stage.rowsOf("train")), ...(await stage.rowsOf("holdout"))].map(
      ([, other]) => other!,
    );
    expect(others.sort((a, b) => a - b)).toEqual(Array.from({ length: 99 }, (_, i) => i));
  });

  it("takes examples of versions that were asked the same, and of no other nor of one that is gone", async () => {
    const stage = await stageWith(30);
    const alike = await stage.publish({ samplesTolerance: 0.5 });
    const other = await stage.publish({ features: { other: { from: "other" }, place: { from: "place" } } });
    const digests = [alike, other, "f".repeat(64)];
    for (const [n, digest] of digests.entries())
      stage.write({
        shard: `shardId-00000000001${n}`,
        examples: Array.from({ length: 10 }, (_, i) => exampleOf(100 * (n + 1) + i, digest)),
      });
    const { rows } = await stage.run();
    expect(rows.train + rows.holdout).toBe(40);
    expect(stage.logger.lines.map(({ message }) => message)).toContain(
      "what this version was asked is not known; its examples are left out",
    );
  });

  it("goes on without lines that are no examples", async () => {
    const stage = await stageWith(50);
    stage.store.objects.set("examples/table/2001/01/01/03/shardId-7-1-2.ndjson.gz", Buffer.from("no gzip"));
    const { rows } = await stage.run();
    expect(rows.train + rows.holdout).toBe(50);
    expect(stage.logger.lines).toContainEqual(
      expect.objectContaining({ level: "warn", message: "an example cannot be read" }),
    );
  });
});

describe("a teacher", () => {
  it("labels the rows to train on, noisy copies by what it says of those, and none that are held out", async () => {
    const stage = await stageWith(100, {
      training: { teacher: "champion", augment: { jitter: { other: 1 } } },
    });
    await stage.run();
    const train = await stage.rowsOf("train");
    expect(train).toHaveLength(160);
    expect(train.every(([place, , label]) => label === scores[place!])).toBe(true);
    const held = await stage.rowsOf("holdout");
    expect(held.map(([, , label]) => label)).toEqual(held.map(([, other]) => (other! % 3 === 0 ? 1 : 0)));
  });

  it("that knows several classes stops it: a row has one label", async () => {
    const outcome = { on: {}, id: "id", label: { from: "kind", classes: [0, 1] }, within: "1h" };
    const stage = await stageWith(50, { training: { teacher: "champion" }, json: { outcome } });
    expect((await stage.run()).stop).toMatchObject({ code: "training.teacher" });
    expect(made(stage).size).toBe(0);
  });

  it("that cannot run on the rows is an error", async () => {
    const stage = await setUp({ training: { teacher: "champion" } });
    stage.write({
      examples: Array.from({ length: 50 }, (_, i) =>
        exampleOf(i, stage.digest, { features: { place: 9, other: i } }),
      ),
    });
    await expect(stage.run()).rejects.toMatchObject({ name: "ModelRunError" });
    expect(made(stage).has(key)).toBe(false);
  });
});

describe("where there is nothing to train on", () => {
  const stopped = async (stage: Awaited<ReturnType<typeof setUp>>) => {
    const answer = await stage.run();
    expect(answer).toMatchObject({ rows: { train: 0, holdout: 0 } });
    expect(assembleOutput.parse(answer)).toEqual(answer);
    expect(made(stage).size).toBe(0);
    return answer.stop?.code;
  };

  it("stops without examples, with too few, and with one class", async () => {
    expect(await stopped(await setUp())).toBe("training.few_rows");
    expect(await stopped(await stageWith(19))).toBe("training.few_rows");
    const one = await setUp();
    one.write({ examples: Array.from({ length: 50 }, (_, i) => exampleOf(i, one.digest, { label: 0 })) });
    expect(await stopped(one)).toBe("training.one_class");
  });

  it("stops where the features are others now", async () => {
    const stage = await stageWith(50);
    await stage.promote(
      await stage.publish({ features: { place: { from: "place" }, other: { from: "later" } } }),
    );
    expect(await stopped(stage)).toBe("training.schema");
  });

  it("stops without a champion, without its layout, and without an outcome", async () => {
    const none = await stageWith(50);
    expect((await assembleData({ ...request, model: "none" }, none.deps)).stop?.code).toBe(
      "training.champion",
    );
    const bare = await stageWith(50);
    bare.layouts.objects.clear();
    expect(await stopped(bare)).toBe("training.champion");
    expect(await stopped(await stageWith(50, { json: { outcome: undefined } }))).toBe("training.outcome");
  });
});

describe("assembling again", () => {
  it("gives what stands, although there are more examples and another champion", async () => {
    const stage = await stageWith(100);
    const first = await stage.run();
    const before = made(stage);
    stage.write({ first: "10", examples: [exampleOf(500, stage.digest)] });
    await stage.promote(await stage.publish({ samplesTolerance: 0.5 }));
    expect(await stage.run()).toEqual(first);
    expect([...made(stage)]).toEqual([...before]);
  });

  it("comes to the same end, wherever it was ended before", async () => {
    const training = { augment: { jitter: { other: 3 }, classWeights: "balanced" } };
    const whole = await stageWith(100, { training });
    const expected = await whole.run();
    for (let puts = 0; puts < 3; puts++) {
      const stage = await stageWith(100, { training });
      const put = stage.store.put.bind(stage.store);
      let left = puts;
      stage.store.put = async (...given) => {
        if (left-- === 0) throw new DependencyError("away", { code: "dependency.unavailable" });
        await put(...given);
      };
      await expect(stage.run()).rejects.toMatchObject({ code: "dependency.unavailable" });
      stage.store.put = put;
      expect(await stage.run()).toEqual(expected);
      expect(new Map([...made(stage)])).toEqual(new Map([...made(whole)]));
    }
  });

  it("is told of in the taxonomy's errors, whatever it is asked", async () => {
    const { deps } = await setUp();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (event) => {
        await expect(assembleData(event, deps)).rejects.toMatchObject({ code: "input.malformed" });
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { rival } from "../../../functions/contract/rival.ts";
import { isChallengersEntity } from "../../../functions/core/rollout/route.ts";
import { ask, setUp, tablePackage } from "./set-up.ts";

const champion = [0.125, 0.25, 0.5, 1];
const halves = champion.map((score) => score / 2);
const events = (count: number, place = 3) => Array.from({ length: count }, (_, i) => ask(`e${i}`, place));

/** A champion and, beside it, a challenger of the same name. */
async function setUpRollout(options: {
  readonly share: number;
  readonly challenger?: Parameters<typeof tablePackage>;
  readonly champion?: object;
}) {
  const stage = await setUp(tablePackage(options.champion, champion));
  const challenger = await stage.publish(tablePackage(...(options.challenger ?? [{}, halves])), (digest) => ({
    champion: { digest: stage.digest! },
    challenger: { digest, share: options.share },
  }));
  const moveShare = (share: number) =>
    stage.publish(tablePackage(...(options.challenger ?? [{}, halves])), (digest) => ({
      champion: { digest: stage.digest! },
      challenger: { digest, share },
    }));
  const rivals = () =>
    stage.store.rows.map(({ rival: text }) =>
      text === undefined ? undefined : rival.parse(JSON.parse(text)),
    );
  return { ...stage, challenger, moveShare, rivals };
}

const score = (outputs: { readonly [name: string]: unknown }) => outputs.score;

describe("a challenger on the stream", () => {
  it("answers its entities, the champion all others, and each event once with what the other said beside it", async () => {
    const { deliver, emitted, challenger, digest, rivals, store, metrics } = await setUpRollout({
      share: 0.5,
    });
    expect(await deliver(events(200))).toEqual([]);
    const answers = emitted();
    expect(new Set(answers.map(({ predictionId }) => predictionId)).size).toBe(200);
    answers.forEach(({ eventId, role, digest: by, outputs }, i) => {
      const isChallengers = isChallengersEntity(eventId, challenger, 0.5);
      expect([role, by, score(outputs)]).toEqual(
        isChallengers ? ["challenger", challenger, 0.5] : ["champion", digest, 1],
      );
      expect(rivals()[i]).toEqual(
        isChallengers
          ? { digest, role: "champion", outputs: { score: 1 } }
          : { digest: challenger, role: "challenger", outputs: { score: 0.5 } },
      );
    });
    const answered = answers.filter(({ role }) => role === "challenger").length;
    expect(answered).toBeGreaterThan(60);
    expect([store.rows.length, metrics.sum("ChallengerAnswers")]).toEqual([200, answered]);
  });

  it("only scores at a share of nothing", async () => {
    const { deliver, emitted, rivals } = await setUpRollout({ share: 0 });
    expect(await deliver(events(20))).toEqual([]);
    expect(emitted().every(({ role }) => role === "champion")).toBe(true);
    expect(rivals().every((each) => each?.role === "challenger")).toBe(true);
  });

  it("leaves what was answered as it is when the share has moved before a redelivery", async () => {
    const { deliver, emitted, moveShare, store } = await setUpRollout({ share: 1 });
    expect(await deliver(events(20))).toEqual([]);
    const first = emitted();
    await moveShare(0);
    expect(await deliver(events(20))).toEqual([]);
    expect(emitted().slice(20)).toEqual(first);
    expect(store.rows).toHaveLength(20);
  });

  it("keeps each event's part of the declared segments with the rival", async () => {
    const segments = { kind: { from: "kind", values: ["cash", "card"] } };
    const { deliver, rivals } = await setUpRollout({
      share: 0,
      champion: { segments },
      challenger: [{ segments }, halves],
    });
    await deliver([ask("a", 0, { kind: "cash" }), ask("b", 0, { kind: "stone" }), ask("c", 0)]);
    expect(rivals().map((each) => each?.segments)).toEqual([
      { kind: "cash" },
      { kind: null },
      { kind: null },
    ]);
  });

  it("with features of its own answers by them, and keeps the row that it was given", async () => {
    const own = { features: { other: { from: "other", default: 0 }, place: { from: "place" } } };
    // Its first column, which it looks up in its table, is another.
    const { deliver, emitted, store, rivals } = await setUpRollout({ share: 1, challenger: [own, halves] });
    expect(await deliver([ask("a", 0, { other: 3 }), ask("b", 1, { other: 2 })])).toEqual([]);
    expect(emitted().map(({ role, outputs }) => [role, score(outputs)])).toEqual([
      ["challenger", 0.5],
      ["challenger", 0.25],
    ]);
    expect(rivals().map((each) => each && score(each.outputs))).toEqual([0.125, 0.25]);
    expect(store.rows.map(({ features }) => [...new Float32Array(features.slice().buffer)])).toEqual([
      [3, 0],
      [2, 1],
    ]);
  });

  it("leaves to the champion what it cannot take", async () => {
    const own = { features: { place: { from: "place", max: 2 }, other: { from: "other", default: 0 } } };
    const { deliver, emitted, metrics, rejects } = await setUpRollout({
      share: 1,
      challenger: [own, halves],
    });
    const many = [...events(100, 1), ask("high", 3)];
    expect(await deliver(many)).toEqual([]);
    const roles = emitted().map(({ role }) => role);
    expect([roles.filter((role) => role === "challenger").length, roles.at(-1)]).toEqual([100, "champion"]);
    expect([metrics.sum("ChallengerErrors"), rejects.rejects]).toEqual([1, []]);
  });

  it("that fails is stopped at once in this environment: the champion answers everything, and nothing is lost", async () => {
    const table = [0.5];
    const { deliver, emitted, metrics, counts } = await setUpRollout({ share: 1, challenger: [{}, table] });
    for (let i = 0; i < 5; i++)
      expect(
        await deliver(
          events(20).map((each) => ({ ...each, id: `${i}` })),
          i * 20,
        ),
      ).toEqual([]);
    expect(emitted().every(({ role }) => role === "champion")).toBe(true);
    expect(counts()).toMatchObject({ rejected: 0, retried: 0, predicted: 100 });
    // The first chunk, and no other.
    expect([metrics.sum("ChallengerErrors"), metrics.sum("ChallengerStopped")]).toEqual([20, 1]);
  });

  it("rejects what the champion cannot take, whatever the challenger would have said", async () => {
    const { deliver, emitted, rejects } = await setUpRollout({
      share: 1,
      champion: { features: { place: { from: "place", max: 2 }, other: { from: "other", default: 0 } } },
    });
    expect(await deliver([ask("a", 1), ask("high", 3)])).toEqual([]);
    expect([emitted().map(({ eventId }) => eventId), rejects.rejects.length]).toEqual([["a"], 1]);
  });

  it("ends a chunk where the challenger's own bound is lower", async () => {
    const small = { limits: { chunkRows: 3 } };
    const { deliver, emitted, runs } = await setUpRollout({ share: 1, challenger: [small, halves] });
    expect(await deliver(events(10))).toEqual([]);
    expect(emitted()).toHaveLength(10);
    expect(Math.max(...runs)).toBe(3);
  });
});

describe("a move of the champion", () => {
  it("is taken back within the second that an alias is believed, and the one before is still loaded", async () => {
    const { deliver, emitted, publish, digest, packages } = await setUp(tablePackage({}, champion));
    const aliasesOf = (named: ModelDigest) => () => ({ champion: { digest: named } });
    await deliver([ask("a", 3)], 0);
    const second = await publish(tablePackage({}, halves));
    await deliver([ask("b", 3)], 1);
    const reads: string[] = [];
    const read = packages.read.bind(packages);
    packages.read = (model, of) => {
      reads.push(of);
      return read(model, of);
    };
    await publish(tablePackage({}, halves), aliasesOf(digest!));
    await deliver([ask("c", 3)], 2);
    expect(emitted().map(({ digest: by }) => by)).toEqual([digest, second, digest]);
    expect(reads).toEqual([]);
  });
});

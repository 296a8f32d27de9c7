import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { prediction } from "../../../functions/contract/prediction.ts";
import { rival } from "../../../functions/contract/rival.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import type { SketchedResult, SketchedRows } from "../../../functions/core/monitor/sketch-recorder.ts";
import { createBreaker } from "../../../functions/core/rollout/breaker.ts";
import { isChallengersEntity } from "../../../functions/core/rollout/route.ts";
import { ask, tablePackage } from "../stream/set-up.ts";
import { setUp } from "./set-up.ts";

const url = "/models/table/predict";
const first = [0.125, 0.25, 0.5, 1];
const second = [0.5, 0.75, 0.25, 0.125];
const keyed = { event: { id: "id", time: "at", entity: "tail" } };

/** A champion, and a challenger that is published but has no share yet. */
async function rollOut(
  challengerFiles: PackageFiles = tablePackage(keyed, second),
  overrides: Parameters<typeof setUp>[1] = {},
  championFiles: PackageFiles = tablePackage(keyed, first),
) {
  const stage = await setUp(championFiles, overrides);
  const champion = stage.digest!;
  const challenger = await stage.publish(challengerFiles, () => ({ champion: { digest: champion } }));
  return {
    ...stage,
    champion,
    challenger,
    share: (share: number) =>
      stage.move({ champion: { digest: champion }, challenger: { digest: challenger, share } }),
    async predict(events: readonly object[]) {
      const { status, json } = await stage.call("POST", url, { events });
      expect(status).toBe(200);
      return (json.predictions as object[]).map((each) => prediction.parse(each));
    },
  };
}

const flight = (i: number, tail = `N${i}`) => ask(`e${i}`, i % 4, { tail });
const flights = (count: number) => Array.from({ length: count }, (_, i) => flight(i));

describe("a challenger over HTTPS", () => {
  it("answers its share of the entities, each entity by one version in every request", async () => {
    const { share, predict, champion, challenger, metrics } = await rollOut();
    await share(0.3);
    const answers = await predict(flights(2_000));
    const again = await predict(Array.from({ length: 2_000 }, (_, i) => flight(10_000 + i, `N${i}`)));

    const isChallengers = (i: number) => isChallengersEntity(`N${i}`, challenger, 0.3);
    const wrong = answers.filter((answer, i) => {
      const [digest, role, scores] = isChallengers(i)
        ? [challenger, "challenger", second]
        : [champion, "champion", first];
      return answer.digest !== digest || answer.role !== role || answer.outputs.score !== scores[i % 4];
    });
    expect(wrong).toEqual([]);
    expect(again.filter((answer, i) => answer.digest !== answers[i]!.digest)).toEqual([]);
    const count = answers.filter(({ role }) => role === "challenger").length;
    // Five standard deviations of a binomial count: sqrt(2,000 × 0.3 × 0.7) = 20.5.
    expect(Math.abs(count - 600)).toBeLessThan(103);
    expect(metrics.sum("ChallengerAnswers")).toBe(2 * count);
    expect(metrics.sum("Predictions")).toBe(4_000);
  });

  it("scores every event beside the champion: one item is stored, with what the other said of it", async () => {
    const segments = { place: { from: "place", values: [1, 2] } };
    const { share, predict, store, champion, challenger } = await rollOut(
      tablePackage({ ...keyed, segments }, second),
    );
    await share(0.5);
    const answers = await predict(flights(40));

    expect(store.rows).toHaveLength(40);
    const rows = store.rows.map(({ role, body, rival: text }) => {
      const answer = prediction.parse(JSON.parse(body));
      const other = rival.parse(JSON.parse(text!));
      return { slot: role, digests: [answer.digest, other.digest], roles: [answer.role, other.role], other };
    });
    rows.forEach(({ slot, digests, roles, other }, i) => {
      expect(slot).toBe("champion");
      const isChallengers = answers[i]!.role === "challenger";
      expect(digests).toEqual(isChallengers ? [challenger, champion] : [champion, challenger]);
      expect(roles).toEqual(isChallengers ? ["challenger", "champion"] : ["champion", "challenger"]);
      expect(other.outputs.score).toBe((isChallengers ? first : second)[i % 4]);
    });
    expect(new Set(answers.map(({ role }) => role)).size).toBe(2);
  });

  it("tells the segments that the champion declares", async () => {
    const segments = { place: { from: "place", values: [1, 2] } };
    const { publish, move, call, store, digest } = await setUp(tablePackage({ ...keyed, segments }, first));
    const aliases = { champion: { digest: digest! } };
    const challenger = await publish(tablePackage({ ...keyed, segments }, second), () => aliases);
    await move({ ...aliases, challenger: { digest: challenger, share: 1 } });
    await call("POST", url, { events: flights(4) });

    const told = store.rows.map((row) => rival.parse(JSON.parse(row.rival!)).segments);
    expect(told).toEqual([{ place: null }, { place: "1" }, { place: "2" }, { place: null }]);
  });

  it("does not take back what was answered: an event sent again after the share changed gets its stored answer", async () => {
    const { share, predict, store, challenger } = await rollOut();
    const before = await predict(flights(20));
    await share(1);

    expect(await predict(flights(20))).toEqual(before);
    const [fresh] = await predict([flight(20)]);
    expect(fresh).toMatchObject({ digest: challenger, role: "challenger" });
    await share(0);
    expect(await predict([flight(20)])).toEqual([fresh]);
    expect(store.rows).toHaveLength(21);
  });

  it("that reads other fields encodes the event itself, and keeps its own rows with what it answered", async () => {
    const own = {
      ...keyed,
      features: { place: { from: "seat" }, other: { from: "other", default: 7 } },
    };
    const { share, predict, store, metrics } = await rollOut(tablePackage(own, second), {
      // It cannot take every third event, which is not what this is about.
      breaker: createBreaker({ nowMs: () => 0, maxErrorRatio: 1 }),
    });
    await share(1);
    const events = Array.from({ length: 9 }, (_, i) =>
      ask(`e${i}`, 0, { tail: `N${i}`, ...(i % 3 !== 2 && { seat: 1 + (i % 3) }) }),
    );
    const answers = await predict(events);

    expect(answers.map(({ role, outputs }) => [role, outputs.score])).toEqual(
      events.map((_, i) => (i % 3 === 2 ? ["champion", first[0]] : ["challenger", second[1 + (i % 3)]])),
    );
    const floats = store.rows.map(({ features }) => [...new Float32Array(features.slice().buffer)]);
    expect(floats).toEqual(events.map((_, i) => (i % 3 === 2 ? [0, 0] : [1 + (i % 3), 7])));
    expect(store.rows.map((row) => row.rival && rival.parse(JSON.parse(row.rival)).outputs.score)).toEqual(
      events.map((_, i) => (i % 3 === 2 ? undefined : first[0])),
    );
    expect(metrics.sum("ChallengerErrors")).toBe(3);
  });

  it("that errs answers nobody, and after some rows is not asked for a while", async () => {
    let nowMs = 0;
    const breaker = createBreaker({ nowMs: () => nowMs });
    // A table of one: every other place makes its run fail.
    const { share, predict, store, metrics, logger, champion, runs } = await rollOut(
      tablePackage(keyed, [0.5]),
      { breaker },
    );
    await share(1);
    const answers = await predict(
      Array.from({ length: 8 }, (_, i) => ask(`e${i}`, 1 + (i % 3), { tail: "x" })),
    );
    expect(answers.every(({ digest, role }) => digest === champion && role === "champion")).toBe(true);
    expect(store.rows.filter((row) => row.rival !== undefined)).toEqual([]);
    expect([metrics.sum("ChallengerErrors"), metrics.sum("ChallengerStopped")]).toEqual([8, 1]);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn"]);

    const before = runs.length;
    await predict([ask("f", 0, { tail: "x" })]);
    expect(runs.length - before).toBe(1);
    nowMs += 60_000;
    const [back] = await predict([ask("g", 0, { tail: "x" })]);
    expect(back!.role).toBe("challenger");
  });

  it("that fails as a whole, its views unreadable, leaves every answer to the champion", async () => {
    let failing: ModelDigest | undefined;
    const { share, predict, challenger, champion, metrics } = await rollOut(
      tablePackage(
        { ...keyed, features: { place: { from: "place" }, other: { from: "more", default: 0 } } },
        second,
      ),
      {
        viewsOf: async ({ digest }) => {
          if (digest === failing) throw new Error("no views");
          return undefined;
        },
      },
    );
    failing = challenger;
    await share(1);

    expect((await predict(flights(6))).map(({ digest }) => digest)).toEqual(Array(6).fill(champion));
    expect([metrics.sum("ChallengerErrors"), metrics.sum("ChallengerStopped")]).toEqual([6, 1]);
  });

  it("whose package cannot be loaded never runs, and the champion answers", async () => {
    const broken = new Map(tablePackage(keyed, second)).set(
      "samples.jsonl",
      Buffer.from(`${JSON.stringify({ event: flight(0), outputs: { score: 0.9 } })}\n`),
    );
    const { share, predict, champion, challenger, call, metrics } = await rollOut(broken);
    await share(1);

    expect((await predict(flights(4))).map(({ digest }) => digest)).toEqual(Array(4).fill(champion));
    expect(metrics.sum("AliasErrors")).toBeGreaterThan(0);
    const { status } = await call("GET", `/v2/models/table/versions/${challenger}/ready`);
    expect(status).toBe(503);
  });

  it("whose views are slow is not waited for longer than a moment", async () => {
    let slow: ModelDigest | undefined;
    const own = { ...keyed, features: { place: { from: "place" }, other: { from: "more", default: 0 } } };
    const { share, predict, challenger, champion, metrics } = await rollOut(tablePackage(own, second), {
      viewsOf: ({ digest }) => (digest === slow ? new Promise(() => undefined) : Promise.resolve(undefined)),
    });
    slow = challenger;
    await share(1);

    expect((await predict(flights(4))).map(({ digest }) => digest)).toEqual(Array(4).fill(champion));
    expect([metrics.sum("ChallengerErrors"), metrics.sum("ChallengerStopped")]).toEqual([4, 1]);
  });

  it("scores in chunks that both versions have room for", async () => {
    const roomy = { ...keyed, limits: { chunkRows: 16 } };
    const { share, predict, runs } = await rollOut(
      tablePackage({ ...keyed, limits: { chunkRows: 3 }, cache: { memoryBytes: 0 } }, second),
      {},
      tablePackage({ ...roomy, cache: { memoryBytes: 0 } }, first),
    );
    await share(1);
    const answers = await predict(flights(7));
    expect(answers.map(({ outputs }) => outputs.score)).toEqual(flights(7).map((_, i) => second[i % 4]));
    expect(runs).toEqual([3, 3, 3, 3, 1, 1]);
  });
});

describe("sketches over HTTPS", () => {
  it("are told of the rows of both versions, before they run, and of what became of them", async () => {
    const told: { rows: SketchedRows; results: readonly SketchedResult[] }[] = [];
    const writers: string[] = [];
    let flushes = 0;
    const { share, predict, champion, challenger } = await rollOut(tablePackage(keyed, second), {
      sketches(writer) {
        writers.push(writer);
        return {
          add: (rows) => (results) => void told.push({ rows, results }),
          flush: async () => void flushes++,
        };
      },
    });
    await share(0.5);
    await predict(flights(3));
    await predict(flights(2));

    expect(told.map(({ rows: { role, model, count } }) => [role, model.digest, count])).toEqual([
      ["champion", champion, 3],
      ["challenger", challenger, 3],
      ["champion", champion, 2],
      ["challenger", challenger, 2],
    ]);
    expect(told.map(({ results }) => results)).toEqual(
      [first, second, first, second].map((table, i) =>
        table.slice(0, i < 2 ? 3 : 2).map((score) => `{"score":${score}}`),
      ),
    );
    for (const { rows } of told)
      expect(rows.timesMs).toEqual(Array(rows.count).fill(Date.parse("2001-01-31T06:44:00Z")));
    const marks = [told[0]!, told[2]!].flatMap(({ rows }) =>
      Array.from({ length: rows.count }, (_, row) => rows.marks.at(row)),
    );
    expect(marks).toEqual([...new Set(marks)].sort());
    expect([writers.length, flushes]).toEqual([1, 2]);
    expect(writers[0]).toMatch(/^https-/);
  });

  it("that cannot be written keep no answer waiting for long", async () => {
    const { predict } = await rollOut(undefined, {
      sketches: () => ({ add: () => () => undefined, flush: () => new Promise(() => undefined) }),
    });
    expect(await predict(flights(2))).toHaveLength(2);
  });
});

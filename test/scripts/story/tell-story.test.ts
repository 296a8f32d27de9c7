import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { defaultTraining } from "../../../functions/contract/training.ts";
import { exampleFolder } from "../../../scripts/models/write-package.ts";
import { figuresOf, type StoryFigures } from "../../../scripts/story/figures.ts";
import { formatStory } from "../../../scripts/story/format-story.ts";
import { storyFlights } from "../../../scripts/story/story-flights.ts";
import { storyPage } from "../../../scripts/story/story-page.ts";
import { type Story, tellStory } from "../../../scripts/story/tell-story.ts";
import { untrainedVersion } from "../../../scripts/story/untrained-version.ts";

const everyMs = 1.5 * 86_400_000;
const fromMs = Date.UTC(2001, 0, 1);
const toMs = Date.UTC(2001, 0, 6);
const training = {
  ...defaultTraining,
  rows: { over: "3d", most: 100_000, least: 100, holdout: 0.2 },
  trees: { ...defaultTraining.trees, trees: 10, depth: 3, stopAfter: 0 },
  gates: { ...defaultTraining.gates, logLoss: 1, auc: 1, calibration: 1, latencyRatio: 1000 },
  canary: { shadow: "1h", share: 0.5, deadline: "12h", atDeadline: "promote" },
} as const;

let story: Story;
let figures: StoryFigures;

beforeAll(async () => {
  story = await tell();
  figures = figuresOf(story);
}, 120_000);

describe("a story of five days", () => {
  it("serves every flight of the sample once, and learns how each went", () => {
    expect(story.predictions).toBeGreaterThan(1000);
    expect(story.events).toBe(2 * story.predictions);
    expect(story.outcomes).toBe(story.predictions);
  });

  it("trains twice, and every step is in the ledger, dated by the story's clock", () => {
    expect(story.executions.map(({ end }) => end)).toEqual(["promoted", "promoted"]);
    const steps = ["publish", "shadow", "share", "promote"];
    expect(story.ledger.map(({ change }) => (change.kind === "publish" ? "publish" : change.action))).toEqual(
      ["publish", ...steps, ...steps],
    );
    const times = story.ledger.map(({ at }) => Date.parse(at));
    const trainMs = Date.UTC(2001, 0, 3);
    const hours = [0, 0, 1, 13].map((hour) => hour * 3_600_000);
    expect(times).toEqual([
      fromMs,
      ...[0, everyMs].flatMap((ms) => hours.map((hour) => trainMs + ms + hour)),
    ]);
    expect(story.ledger.at(-1)!.aliases).toEqual({ champion: { digest: story.executions[1]!.digest } });
    expect(story.executions[1]!.champion).toBe(story.executions[0]!.digest);
  });

  it("compares from the first promotion on, on all flights since, the frozen one with itself until it is replaced", () => {
    const [first, second] = story.periods;
    expect(story.comparedMs).toBe(first!.fromMs);
    expect(second!.toMs).toBe(toMs);
    // The challenger, half of whose answers count, is what is frozen later.
    expect(first!.rows.timesMs.every((timeMs) => timeMs >= first!.fromMs && timeMs < first!.toMs)).toBe(true);
    expect(Buffer.from(first!.champions.buffer)).toEqual(Buffer.from(first!.rows.frozen.buffer));
    const answered = [...first!.rows.living].filter((score, i) => score === first!.rows.frozen[i]).length;
    const share = answered / first!.rows.living.length;
    // Until the next challenger all are its own.
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(1);
    expect([...second!.replacedOnes!].every((score, i) => score === second!.rows.frozen[i])).toBe(true);
    expect(figures.whole.living.rows).toBe(first!.rows.labels.length + second!.rows.labels.length);
    expect(figures.replacements).toHaveLength(1);
  });

  it("ends with a table, and with a page that needs nothing else", () => {
    const table = formatStory(story, figures);
    expect(table).toContain("2001-01");
    expect(table.match(/promoted/g)!.length).toBeGreaterThanOrEqual(2);
    const page = storyPage(story, figures, "a <test>");
    expect(tagProblems(page)).toEqual([]);
    expect(page).not.toMatch(/\b(src|href)=|url\(|@import|<script/);
    expect(page.match(/data-series="(frozen|living)"/g)).toHaveLength(4);
    // In both charts.
    expect(page.match(/<g class="retrained">/g)).toHaveLength(4);
    expect(page.match(/<g class="promoted">/g)).toHaveLength(4);
    expect(page).toContain("a &#60;test&#62;");
    expect(page).not.toContain("NaN");
  });

  it("is the same when it is told again", async () => {
    const again = await tell();
    expect(again.ledger.map(({ change }) => change)).toEqual(story.ledger.map(({ change }) => change));
    expect(figuresOf(again)).toEqual(figures);
  }, 120_000);
});

async function tell(): Promise<Story> {
  return await tellStory({
    first: await untrainedVersion(fileURLToPath(exampleFolder("flight-delay")), training),
    events: storyFlights({ fromMs, toMs, sample: 0.03 }),
    ...{ fromMs, toMs, trainMs: Date.UTC(2001, 0, 3), everyMs },
  });
}

/** Tags that are not closed, or closed out of order. */
function tagProblems(html: string): string[] {
  const open: string[] = [];
  const problems: string[] = [];
  const empty = new Set(["meta", "!doctype"]);
  const body = html.replace(/<style>[\s\S]*?<\/style>/, "");
  for (const [, slash, name, rest] of body.matchAll(/<(\/?)([!a-z][a-z0-9]*)([^<>]*)>/gi)) {
    if (empty.has(name!.toLowerCase()) || rest!.endsWith("/")) continue;
    if (slash === "") open.push(name!);
    else if (open.pop() !== name) problems.push(`</${name}>`);
  }
  return [...problems, ...open];
}

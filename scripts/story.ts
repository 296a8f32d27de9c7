import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { createTreeSearchPool } from "../functions/adapters/threads/tree-search-pool.ts";
import { flag, integer, type Option, path } from "./cli/option.ts";
import { runCommand } from "./cli/run-command.ts";
import { createTerminal } from "./cli/terminal.ts";
import { exampleFolder } from "./models/write-package.ts";
import { figuresOf } from "./story/figures.ts";
import { formatStory } from "./story/format-story.ts";
import { storyFlights } from "./story/story-flights.ts";
import { storyPage } from "./story/story-page.ts";
import { createStoryProgress } from "./story/story-progress.ts";
import { storyTraining } from "./story/story-training.ts";
import { tellStory } from "./story/tell-story.ts";
import { untrainedVersion } from "./story/untrained-version.ts";

const command = {
  usage: "npm run story --",
  summary:
    "Replay real flights from January 2001 on with retraining every two weeks, and compare the champion with one frozen in January.",
  options: {
    months: integer("months from January on", { min: 2, max: 6, fallback: 6 }),
    sample: share("share of the flights, by the hash of their number"),
    out: path("file of the picture (default story.html)"),
    json: flag("print the figures as JSON, too"),
  },
  notes: [
    "The functions' own code runs on stores in memory and on a clock of its own: no account, no network. What is timed in",
    "production by that clock (guard rails for latency among them) is not timed here; the gates for latency are.",
  ].join("\n"),
};

/** Above 0, at most 1. */
function share(help: string): Option<number> {
  return {
    help,
    placeholder: "SHARE",
    shownDefault: "1",
    fallback: 1,
    parse: (text) => {
      const value = /^[0-9](\.[0-9]{1,6})?$/.test(text) ? Number(text) : 0;
      if (value > 0 && value <= 1) return value;
      throw new Error("expected a number above 0, at most 1, such as 0.25");
    },
  };
}

const dayMs = 86_400_000;
const fromMs = Date.UTC(2001, 0, 1);

await runCommand(command, async ({ months, sample, out = "story.html", json }, signal) => {
  const terminal = createTerminal(process.stdout);
  const toMs = Date.UTC(2001, months, 1);
  const threads = Math.min(4, availableParallelism());
  const script = new URL("../functions/adapters/threads/tree-search-thread.ts", import.meta.url);
  const story = await tellStory({
    first: await untrainedVersion(fileURLToPath(exampleFolder("flight-delay")), storyTraining),
    events: storyFlights({ fromMs, toMs, sample }),
    ...{ fromMs, toMs, signal, trainMs: Date.UTC(2001, 1, 1), everyMs: 14 * dayMs },
    pool: threads > 1 ? createTreeSearchPool({ threads, script }) : undefined,
    ...createStoryProgress(terminal, { fromMs, toMs }),
  });
  const figures = figuresOf(story);
  const about = `${sample === 1 ? "All" : `${100 * sample} % of the`} US flights of January to ${monthName(toMs)} 2001 in the order in which they happened, ${story.predictions.toLocaleString("en-US")} of them predicted on. The living champion is retrained every two weeks on the last 28 days, and tried live for a day beside the one it replaces; the frozen one was trained on the last 28 days of January.`;
  await writeFile(out, storyPage(story, figures, about));
  terminal.line(`\n${about}\n\n${formatStory(story, figures)}\n\npicture: ${out}`);
  if (json) {
    const { periods: _, ...told } = story;
    terminal.line(JSON.stringify({ sample, ...told, figures }));
  }
  return 0;
});

function monthName(toMs: number): string {
  return new Date(toMs - 1).toLocaleString("en-US", { month: "long", timeZone: "UTC" });
}

import { changeWords } from "../../functions/core/rollout/entry-words.ts";
import type { Compared, Quality, StoryFigures } from "./figures.ts";
import { formatStory } from "./format-story.ts";
import { escapeText, lineChart, type Marker } from "./line-chart.ts";
import type { Story } from "./tell-story.ts";

/** The story as one HTML file that needs nothing else. @param about - what was run, in a sentence or two */
export function storyPage(story: Story, figures: StoryFigures, about: string): string {
  const { comparedMs: fromMs, toMs } = story;
  const markers = markersOf(story);
  const chart = (title: string, unit: string, figureOf: (quality: Quality) => number | undefined) =>
    lineChart({
      ...{ title, unit, markers, fromMs: Math.min(fromMs, ...markers.map(({ timeMs }) => timeMs)), toMs },
      series: [
        {
          name: "frozen",
          style: "frozen",
          points: pointsOf(figures.rolling, (each) => figureOf(each.frozen)),
        },
        {
          name: "living",
          style: "living",
          points: pointsOf(figures.rolling, (each) => figureOf(each.living)),
        },
      ],
    });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>A frozen champion and one that is retrained</title>
<style>${style}</style>
</head>
<body>
<h1>A frozen champion and one that is retrained</h1>
<p>${escapeText(about)}</p>
<ul class="legend">
<li><i class="swatch frozen"></i>frozen: the first champion, on every flight</li>
<li><i class="swatch living"></i>living: what was answered</li>
<li><i class="swatch retrained"></i>a retraining began</li>
<li><i class="swatch promoted"></i>its version was promoted</li>
<li><i class="swatch refused"></i>its version was not</li>
</ul>
${chart(`AUC over ${daysOf(figures.rollingDays)} (higher is better)`, "AUC", ({ auc }) => auc)}
${chart(`Log-loss over ${daysOf(figures.rollingDays)} (lower is better)`, "log-loss, nats", ({ logLoss }) => logLoss)}
<h2>Figures</h2>
<pre>${escapeText(formatStory(story, figures))}</pre>
<h2>Ledger</h2>
<table>
<thead><tr><th>revision</th><th>at</th><th>by</th><th>what</th><th>why</th></tr></thead>
<tbody>
${story.ledger
  .map(
    (entry) =>
      `<tr><td>${entry.revision}</td><td>${escapeText(entry.at.slice(0, 16).replace("T", " "))}</td><td>${escapeText(entry.by)}</td><td>${escapeText(changeWords(entry))}</td><td>${escapeText(entry.why)}</td></tr>`,
  )
  .join("\n")}
</tbody>
</table>
</body>
</html>
`;
}

function daysOf(days: number): string {
  return days === 1 ? "a day" : `${days} days`;
}

function pointsOf(
  rolling: readonly Compared[],
  figureOf: (each: Compared) => number | undefined,
): (readonly [number, number])[] {
  return rolling.flatMap((each) => {
    const value = figureOf(each);
    return value === undefined ? [] : [[each.toMs, value] as const];
  });
}

function markersOf({ executions }: Story): Marker[] {
  return executions.flatMap(({ execution, startedMs, endedMs, end, why }) => [
    { timeMs: startedMs, style: "retrained", title: `${execution} began` },
    {
      timeMs: endedMs,
      style: end === "promoted" ? "promoted" : "refused",
      title: `${execution}: ${end}, ${why}`,
    },
  ]);
}

const style = `
:root { --ink: #1b1f24; --faint: #6a737d; --grid: #e4e7eb; --paper: #ffffff; --frozen: #b35900; --living: #0a66c2; --start: #8a94a0; --promoted: #1a7f37; --refused: #c62828; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --faint: #9aa4af; --grid: #2c333b; --paper: #14181d; --frozen: #f0a35e; --living: #6cb2ff; --start: #7d8894; --promoted: #57c273; --refused: #ff7b72; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; height: auto; display: block; margin: 1.5rem 0; font: 12px system-ui, sans-serif; }
svg .title { fill: var(--ink); font-size: 15px; font-weight: 600; }
svg .tick, svg .label { fill: var(--faint); }
.grid { stroke: var(--grid); } .axis { stroke: var(--faint); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.frozen { stroke: var(--frozen); stroke-dasharray: 6 3; } .line.living { stroke: var(--living); }
.retrained line { stroke: var(--start); stroke-dasharray: 2 3; } .retrained circle { fill: var(--paper); stroke: var(--start); }
.promoted line { stroke: var(--promoted); opacity: .55; } .promoted circle { fill: var(--promoted); }
.refused line { stroke: var(--refused); opacity: .55; } .refused circle { fill: var(--refused); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; }
.swatch { display: inline-block; width: 1.5rem; height: 0; margin-right: .4rem; vertical-align: middle; border-top: 3px solid; }
.swatch.frozen { border-color: var(--frozen); border-top-style: dashed; } .swatch.living { border-color: var(--living); }
.swatch.retrained { border-color: var(--start); border-top-style: dotted; } .swatch.promoted { border-color: var(--promoted); } .swatch.refused { border-color: var(--refused); }
pre, table { font: 12px/1.5 ui-monospace, monospace; overflow-x: auto; display: block; }
pre { white-space: pre; } th, td { text-align: left; padding: .1rem .8rem .1rem 0; vertical-align: top; } th { color: var(--faint); font-weight: 600; }
`;

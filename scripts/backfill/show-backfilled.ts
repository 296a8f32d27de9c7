import type { StageBackfilled } from "./backfill-stage.ts";

/** Tell people what a backfill did. */
export function showBackfilled(done: StageBackfilled): string {
  const { replayed, tiles } = done;
  const seconds = done.durationMs / 1000;
  const rejects = Object.entries(replayed.rejectedByReason).map(([code, n]) => `${number(n)} ${code}`);
  const lines: readonly (readonly [string, string])[] = [
    ["archive", `${number(done.objects)} objects, ${number(done.shards)} shards`],
    ["events", `${number(replayed.events)} replayed, ${number(done.passedOver)} of other times`],
    [
      "predictions",
      `${number(replayed.predictions)}, ${number(replayed.outcomes.joined)} with their outcome`,
    ],
    ["examples", number(done.examples)],
    [
      "tiles",
      `${number(tiles.written)} blocks written, ${number(tiles.standing)} stood there, ${number(tiles.left)} left as live events wrote them`,
    ],
    ...(replayed.late > 0 ? [["late", `${number(replayed.late)} not counted in a view`] as const] : []),
    ...(rejects.length > 0 ? [["rejected", rejects.join(", ")] as const] : []),
    [
      "time",
      `${seconds.toFixed(1)} s, ${number(Math.round(replayed.events / (replayed.durationMs / 1000)))} events per second replayed`,
    ],
  ];
  return [
    `backfilled ${done.model} ${done.digest}`,
    ...lines.map(([name, text]) => `  ${name.padEnd(12)}${text}`),
  ].join("\n");
}

/** What `--json` prints: stable, one object. */
export function backfilledJson({ replayed, durationMs, ...done }: StageBackfilled): string {
  const { events, predictions, rejected, late, outcomes } = replayed;
  return JSON.stringify({
    model: done.model,
    digest: done.digest,
    ...{ events, passedOver: done.passedOver, predictions, rejected, late, outcomes },
    examples: done.examples,
    tiles: done.tiles,
    seconds: durationMs / 1000,
    eventsPerSecond: Math.round(events / (replayed.durationMs / 1000)),
  });
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

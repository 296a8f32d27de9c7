import type { Terminal } from "../cli/terminal.ts";
import type { StoryOptions } from "./tell-story.ts";

const lineEveryMs = 7 * 86_400_000;

/** Say how far the story is: a line per step and per week of its time, with what is left by the pace so far. */
export function createStoryProgress(
  terminal: Pick<Terminal, "line">,
  { fromMs, toMs }: Pick<StoryOptions, "fromMs" | "toMs">,
): Required<Pick<StoryOptions, "onProgress" | "onStep">> {
  const startedMs = performance.now();
  let toldMs = fromMs;
  const tell = (nowMs: number, doing: string) => {
    const day = new Date(nowMs).toISOString().slice(0, 16).replace("T", " ");
    terminal.line(`  ${day}  ${duration(performance.now() - startedMs).padStart(6)}  ${doing}`);
  };
  return {
    onStep: tell,
    onProgress(nowMs) {
      if (nowMs - toldMs < lineEveryMs) return;
      toldMs = nowMs;
      const done = Math.min(1, (nowMs - fromMs) / (toMs - fromMs));
      const leftMs = ((performance.now() - startedMs) * (1 - done)) / done;
      tell(nowMs, `${Math.round(100 * done)} % served, about ${duration(leftMs)} left`);
    },
  };
}

/** `4m05s` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

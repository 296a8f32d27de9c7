import type { WriteStream } from "node:tty";
import { styleText } from "node:util";

export interface Step {
  /** Say how far it is; shown on a terminal only. */
  progress(text: string): void;
}

/** What a command writes while it works: a line per step, and on a terminal a line that moves. */
export interface Terminal {
  readonly isTty: boolean;
  line(text?: string): void;
  dim(text: string): string;
  bold(text: string): string;
  /** Run one step and print its name, what came of it and how long it took. */
  step<Result>(
    name: string,
    work: (step: Step) => Promise<Result>,
    note?: (result: Result) => string,
  ): Promise<Result>;
}

/** @param stream - colours and moving lines only where it is a terminal; colours also honour `NO_COLOR`. */
export function createTerminal(stream: NodeJS.WriteStream | WriteStream): Terminal {
  const isTty = stream.isTTY === true;
  const style = (format: "dim" | "bold", text: string) => styleText(format, text, { stream });
  // A moving line is drawn over by whatever comes next.
  let isMoving = false;
  const show = (text: string) => {
    isMoving = isTty;
    // Cut to the width: a wrapped line cannot be drawn over.
    if (isTty) stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  const line = (text = "") => {
    stream.write(`${isMoving ? "\r\x1b[2K" : ""}${text}\n`);
    isMoving = false;
  };
  return {
    isTty,
    line,
    dim: (text) => style("dim", text),
    bold: (text) => style("bold", text),
    async step(name, work, note) {
      const startedAt = performance.now();
      const label = `  ${name.padEnd(12)}`;
      show(label);
      const result = await work({ progress: (text) => show(`${label}${text}`) }).catch((cause) => {
        line(`${label}failed`);
        throw cause;
      });
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      const text = `${label}${(note?.(result) ?? "").padEnd(58)}`;
      line(`${text}${style("dim", `${seconds.padStart(6)} s`)}`);
      return result;
    },
  };
}

import type { Readable } from "node:stream";

/** Longest line kept in one piece; CloudWatch Logs takes events of up to 1 MiB. */
const maxLineLength = 1024 * 1024;

/** Call `onLine` for every line of a stream, without its newline, and for an unfinished last one. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
    if (rest.length > maxLineLength) {
      onLine(rest);
      rest = "";
    }
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}

/** The newest `capacity` lines of one function. */
export class LogRing {
  readonly #capacity: number;
  #lines: string[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(line: string): void {
    this.#lines.push(line);
    // Twice the capacity before trimming keeps a push O(1) on average.
    if (this.#lines.length >= 2 * this.#capacity) this.#lines = this.#lines.slice(-this.#capacity);
  }

  lines(): readonly string[] {
    return this.#lines.slice(-this.#capacity);
  }
}

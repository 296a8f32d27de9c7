import { once } from "node:events";
import { createGzip } from "node:zlib";

/** Compresses lines as they come, so that a batch of many small events is never in memory as text. */
export interface GzipLines {
  /** @param line - its end included. */
  add(line: string): Promise<void>;
  /** @returns the whole gzip file. */
  end(): Promise<Uint8Array>;
}

/** Characters that are passed on at once: a call per line would cost more than compressing it. */
const chunkLength = 64 * 1024;

export function createGzipLines(): GzipLines {
  const gzip = createGzip();
  const compressed: Buffer[] = [];
  gzip.on("data", (chunk: Buffer) => compressed.push(chunk));
  let waiting = "";

  return {
    async add(line) {
      waiting += line;
      if (waiting.length < chunkLength) return;
      const text = waiting;
      waiting = "";
      if (!gzip.write(text)) await once(gzip, "drain");
    },
    async end() {
      gzip.end(waiting);
      await once(gzip, "end");
      const bytes = Buffer.concat(compressed);
      // Nothing of the machine it was made on: the same lines give the same bytes.
      bytes[9] = 255; // OS: unknown, RFC 1952 2.3.1
      return bytes;
    },
  };
}

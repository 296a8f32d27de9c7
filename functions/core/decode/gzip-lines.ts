import { createGunzip } from "node:zlib";

/** Bytes decompressed at a time, and so about how much of an object is in memory as events. */
const chunkBytes = 256 * 1024;

/** The lines of a gzip file, some at a time. @throws {Error} where it is damaged */
export async function* linesOf(gzip: Uint8Array): AsyncGenerator<readonly string[]> {
  const gunzip = createGunzip({ chunkSize: chunkBytes }).setEncoding("utf8");
  gunzip.end(gzip);
  let rest = "";
  for await (const chunk of gunzip as AsyncIterable<string>) {
    const end = chunk.lastIndexOf("\n");
    if (end < 0) {
      rest += chunk;
      continue;
    }
    yield (rest + chunk.slice(0, end)).split("\n");
    rest = chunk.slice(end + 1);
  }
  if (rest !== "") yield [rest];
}

import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { type Example, example } from "../../functions/contract/example.ts";

/**
 * Read examples from a file of NDJSON, zipped (`.gz`) or not, or from all such files under a folder, in the order of
 * their names; each prediction once.
 *
 * @throws {Error} where a line is no example: file and line are named.
 */
export async function* examplesIn(path: string): AsyncGenerator<Example> {
  const seen = new Set<string>();
  for (const file of await filesAt(path)) {
    let number = 0;
    for await (const line of linesOf(file)) {
      number++;
      if (line === "") continue;
      const found = parse(line, `${file}, line ${number}`);
      if (seen.has(found.predictionId)) continue;
      seen.add(found.predictionId);
      yield found;
    }
  }
}

async function filesAt(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  const files = names.filter((name) => /\.ndjson(\.gz)?$/.test(name)).sort();
  if (files.length === 0)
    throw new Error(`${path}: got no file that ends in .ndjson or .ndjson.gz, expected examples`);
  return files.map((name) => join(path, name));
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const text = file.endsWith(".gz") ? source.pipe(createGunzip()) : source;
  if (text !== source) source.on("error", (cause) => text.destroy(cause));
  yield* createInterface({ input: text, crlfDelay: Infinity });
}

function parse(line: string, where: string): Example {
  try {
    return example.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`${where}: got no example`, { cause });
  }
}

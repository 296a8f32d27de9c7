import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { type Example, example } from "../../functions/contract/example.ts";
import type { ExampleTable } from "./example-table.ts";

/**
 * Read every example under a folder (`*.ndjson.gz`, at any depth), each once: a bisected batch writes some again.
 *
 * The order is that of the events' time, then of their ids, so that equal examples make equal tables however they are
 * spread over objects.
 *
 * @param features - the columns wanted; every example must have each as a single number.
 * @throws {Error} when there is none, or one cannot be used: file and line are named.
 */
export async function readExamples(folder: string, features: readonly string[]): Promise<ExampleTable> {
  const rows = new Map<string, Row>();
  for (const file of await examplesUnder(folder)) {
    let number = 0;
    for await (const line of linesOf(file)) {
      number += 1;
      const found = readLine(line, `${file}, line ${number}`);
      if (!rows.has(found.predictionId))
        rows.set(found.predictionId, rowOf(found, features, `${file}, line ${number}`));
    }
  }
  if (rows.size === 0) throw new Error(`no examples under ${folder}; make some with npm run backfill`);
  return tableOf([...rows.values()], features);
}

interface Row {
  readonly timeMs: number;
  readonly eventId: string;
  readonly label: 0 | 1;
  readonly values: Float32Array;
}

async function examplesUnder(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith(".ndjson.gz"))
    .sort()
    .map((name) => join(folder, name));
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const text = source.pipe(createGunzip());
  source.on("error", (cause) => text.destroy(cause));
  for await (const line of createInterface({ input: text, crlfDelay: Infinity })) if (line !== "") yield line;
}

function readLine(line: string, where: string): Example {
  try {
    return example.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`${where}: got no example`, { cause });
  }
}

function rowOf(
  { eventTime, eventId, features, label }: Example,
  names: readonly string[],
  where: string,
): Row {
  const values = names.map((name) => {
    const value = features[name];
    if (typeof value === "number") return value;
    throw new Error(
      `${where}: feature "${name}": got ${JSON.stringify(value)}, expected one number; train on features that its model has`,
    );
  });
  if (label !== 0 && label !== 1) {
    throw new Error(
      `${where}: label: got ${JSON.stringify(label)}, expected 0 or 1; declare an outcome that is a yes or no`,
    );
  }
  return { timeMs: Date.parse(eventTime), eventId, label, values: Float32Array.from(values) };
}

function tableOf(rows: Row[], features: readonly string[]): ExampleTable {
  rows.sort((a, b) => a.timeMs - b.timeMs || (a.eventId < b.eventId ? -1 : Number(a.eventId > b.eventId)));
  const values = new Float32Array(rows.length * features.length);
  rows.forEach((row, i) => {
    values.set(row.values, i * features.length);
  });
  return {
    features,
    count: rows.length,
    values,
    labels: Uint8Array.from(rows, ({ label }) => label),
    timesMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
  };
}

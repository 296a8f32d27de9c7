import type { OutgoingEvent } from "../replay/put-events.ts";
import type { GroundTruthReader } from "./ground-truth.ts";

export interface ImportOptions {
  readonly lines: Iterable<string> | AsyncIterable<string>;
  readonly read: GroundTruthReader;
  /** Puts all events; its promise is kept once they are in. */
  readonly put: (events: AsyncIterable<OutgoingEvent>) => Promise<{ readonly put: number }>;
  /** Told of each line that is at fault, counted from 1. */
  readonly noteBad: (line: number, message: string) => void;
}

/** What became of a file: outcomes put on the stream, and lines that were left out. */
export interface Imported {
  readonly put: number;
  readonly bad: number;
}

/** Put the outcomes of a file on the stream, line by line; empty lines are skipped, bad ones told and left out. */
export async function importOutcomes({ lines, read, put, noteBad }: ImportOptions): Promise<Imported> {
  let bad = 0;
  const { put: count } = await put(events());
  return { put: count, bad };

  async function* events(): AsyncGenerator<OutgoingEvent> {
    let number = 0;
    for await (const line of lines) {
      number += 1;
      if (line.trim() === "") continue;
      let event: OutgoingEvent;
      try {
        event = read(line);
      } catch (error) {
        bad += 1;
        noteBad(number, (error as Error).message);
        continue;
      }
      yield event;
    }
  }
}

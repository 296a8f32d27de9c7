import { type EarlyOutcome, earlyOutcome } from "../../../contract/example.ts";
import { getAhead } from "./get-ahead.ts";
import { objectsByHour } from "./objects-by-hour.ts";
import type { ReadExamplesOptions } from "./read-examples.ts";
import { readLines } from "./read-lines.ts";

/**
 * Read the outcomes that came before their predictions, by their hour.
 *
 * A bisected batch wrote some again, and an event may have several: whoever joins them tells.
 *
 * @throws {DependencyError} when the store cannot be reached.
 */
export async function* readEarly(options: Omit<ReadExamplesOptions, "digest">): AsyncGenerator<EarlyOutcome> {
  const { fromMs = -Infinity, untilMs = Infinity } = options;
  for await (const objects of objectsByHour("early", options)) {
    const keys = objects.map(({ key }) => key);
    for await (const object of getAhead(options.store, keys)) {
      for await (const each of readLines(object, earlyOutcome, options.noteDamaged)) {
        const timeMs = Date.parse(each.outcomeTime);
        if (timeMs >= fromMs && timeMs < untilMs) yield each;
      }
    }
  }
}

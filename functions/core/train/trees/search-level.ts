import type { FoundSplit, Sums } from "./find-split.ts";
import { familyFields, resultFields, type SearchTable } from "./search-plan.ts";

/** A node that may be split: its rows' stretch, and their sums. */
export interface OpenNode extends Sums {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** Two siblings, or the root alone, and where their histograms are kept. */
export interface Family {
  /** The smaller: its rows are summed. */
  readonly built: OpenNode;
  readonly builtSlot: number;
  /** Gets what is left of the parent's histogram, in whose slot it is. */
  readonly derived?: { readonly node: OpenNode; readonly slot: number };
}

export type Split = FoundSplit & { readonly column: number };

/** Tell the searching threads what to do. */
export function writePlan({ plan }: SearchTable, families: readonly Family[]): void {
  plan[0] = families.length;
  families.forEach(({ built, builtSlot, derived }, i) => {
    const at = 1 + i * familyFields.size;
    plan[at + familyFields.builtFrom] = built.from;
    plan[at + familyFields.builtTo] = built.to;
    plan[at + familyFields.builtSlot] = builtSlot;
    plan[at + familyFields.builtGradient] = built.gradient;
    plan[at + familyFields.builtCurvature] = built.curvature;
    plan[at + familyFields.derivedSlot] = derived?.slot ?? -1;
    plan[at + familyFields.derivedGradient] = derived?.node.gradient ?? 0;
    plan[at + familyFields.derivedCurvature] = derived?.node.curvature ?? 0;
  });
}

/**
 * The best split of a node over all threads' columns, or `undefined` where none is allowed.
 *
 * The lowest column wins a tie, as it does within one thread.
 *
 * @param place - `2 * family` for the built node, one more for the derived.
 */
export function readSplit(
  { results, maxNodes }: SearchTable,
  threads: number,
  place: number,
): Split | undefined {
  let best: Split | undefined;
  for (let thread = 0; thread < threads; thread += 1) {
    const at = (thread * maxNodes + place) * resultFields.size;
    const gain = results[at + resultFields.gain]!;
    const column = results[at + resultFields.column]!;
    if (gain === 0 || gain < (best?.gain ?? 0)) continue;
    if (best !== undefined && gain === best.gain && column > best.column) continue;
    best = {
      gain,
      column,
      bin: results[at + resultFields.bin]!,
      isMissingLeft: results[at + resultFields.missingLeft] === 1,
      leftGradient: results[at + resultFields.leftGradient]!,
      leftCurvature: results[at + resultFields.leftCurvature]!,
    };
  }
  return best;
}

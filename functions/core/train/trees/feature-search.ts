import { addRows, type ColumnBins } from "./add-rows.ts";
import { type FoundSplit, findSplit } from "./find-split.ts";
import { familyFields, resultFields, type SearchShare } from "./search-plan.ts";

/** Finds the best split of every node of a level, among some columns. */
export interface FeatureSearch {
  /** Do what the plan says, and write this thread's results. */
  search(): void;
}

export function createFeatureSearch({ table, columns, thread }: SearchShare): FeatureSearch {
  const { rowCount, bins, valueBins, rows, pairs, isOpen, plan, results, maxNodes, rules } = table;
  const all: (ColumnBins & { readonly column: number; readonly valueBins: number })[] = [];
  let size = 0;
  for (const column of columns) {
    const values = valueBins[column]!;
    all.push({
      column,
      valueBins: values,
      bins: bins.subarray(column * rowCount, (column + 1) * rowCount),
      offset: size,
    });
    size += 2 * (values + 1);
  }
  const slots: Float64Array[] = [];

  return {
    search() {
      const open = all.filter(({ column }) => isOpen[column] === 1);
      for (let family = 0; family < plan[0]!; family += 1) {
        const at = 1 + family * familyFields.size;
        const built = slotOf(plan[at + familyFields.builtSlot]!);
        built.fill(0);
        addRows(built, open, {
          rows,
          pairs,
          from: plan[at + familyFields.builtFrom]!,
          to: plan[at + familyFields.builtTo]!,
        });
        write(2 * family, built, at + familyFields.builtGradient);
        const derivedSlot = plan[at + familyFields.derivedSlot]!;
        if (derivedSlot < 0) continue;
        const derived = slotOf(derivedSlot);
        for (let i = 0; i < size; i += 1) derived[i]! -= built[i]!;
        write(2 * family + 1, derived, at + familyFields.derivedGradient);
      }

      function write(node: number, histogram: Float64Array, sums: number): void {
        const total = { gradient: plan[sums]!, curvature: plan[sums + 1]! };
        let best: (FoundSplit & { readonly column: number }) | undefined;
        if (total.curvature >= 2 * rules.minChildWeight) {
          for (const { column, offset, valueBins: values } of open) {
            const found = findSplit({ histogram, offset, valueBins: values, total, rules });
            if (found !== undefined && found.gain > (best?.gain ?? 0)) best = { ...found, column };
          }
        }
        const at = (thread * maxNodes + node) * resultFields.size;
        results[at + resultFields.gain] = best?.gain ?? 0;
        if (best === undefined) return;
        results[at + resultFields.column] = best.column;
        results[at + resultFields.bin] = best.bin;
        results[at + resultFields.missingLeft] = Number(best.isMissingLeft);
        results[at + resultFields.leftGradient] = best.leftGradient;
        results[at + resultFields.leftCurvature] = best.leftCurvature;
      }
    },
  };

  function slotOf(slot: number): Float64Array {
    slots[slot] ??= new Float64Array(size);
    return slots[slot];
  }
}

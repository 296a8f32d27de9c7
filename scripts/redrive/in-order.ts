import { comparePlaces, type Original, placeKey, type SourceObject } from "./original.ts";

/**
 * Read objects of one shard as one sequence in stream order, doubles left out.
 *
 * Objects may overlap: a bisected batch is rejected under other ranges, and several models reject the same event. Only
 * those that do are held in memory together.
 *
 * @param isWanted - asked before doubles are left out: of two, one may be wanted and the other not.
 */
export async function* inOrder(
  objects: readonly SourceObject[],
  {
    isWanted,
    noteDamaged,
    noteDouble,
  }: {
    isWanted: (original: Original) => boolean;
    noteDamaged: (message: string) => void;
    noteDouble: (original: Original) => void;
  },
): AsyncGenerator<Original> {
  const ascending = [...objects].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  let pending: Original[] = [];
  let previous: string | undefined;
  for (const [i, object] of ascending.entries()) {
    const { originals, damaged } = await object.read();
    damaged.forEach(noteDamaged);
    pending = [...pending, ...originals.filter(isWanted)].sort(comparePlaces);
    const next = ascending[i + 1]?.first;
    const ready = next === undefined ? pending.length : countBefore(pending, next);
    for (const original of pending.slice(0, ready)) {
      const place = placeKey(original);
      if (place === previous) noteDouble(original);
      else yield original;
      previous = place;
    }
    pending = pending.slice(ready);
  }
}

function countBefore(originals: readonly Original[], sequenceNumber: bigint): number {
  const at = originals.findIndex((each) => BigInt(each.sequenceNumber) >= sequenceNumber);
  return at === -1 ? originals.length : at;
}

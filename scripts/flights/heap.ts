/** A queue that gives the least first. */
export interface Heap<Item> {
  readonly size: number;
  /** The least; `undefined` when empty. */
  peek(): Item | undefined;
  push(item: Item): void;
  /** Take the least out; `undefined` when empty. O(log n). */
  pop(): Item | undefined;
}

/** @param compare - below zero where the first is less, as of a sort. */
export function createHeap<Item>(compare: (a: Item, b: Item) => number): Heap<Item> {
  // Binary: the children of `i` are `2i + 1` and `2i + 2`, neither less than it.
  const items: Item[] = [];
  const isLess = (a: number, b: number) => compare(items[a]!, items[b]!) < 0;
  const swap = (a: number, b: number) => {
    [items[a], items[b]] = [items[b]!, items[a]!];
  };
  const rise = (from: number) => {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >>> 1;
      if (!isLess(at, parent)) return;
      swap(at, parent);
      at = parent;
    }
  };
  const sink = () => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= items.length) return;
      const lesser = left + 1 < items.length && isLess(left + 1, left) ? left + 1 : left;
      if (!isLess(lesser, at)) return;
      swap(at, lesser);
      at = lesser;
    }
  };
  return {
    get size() {
      return items.length;
    },
    peek: () => items[0],
    push(item) {
      items.push(item);
      rise(items.length - 1);
    },
    pop() {
      if (items.length < 2) return items.pop();
      const least = items[0];
      items[0] = items.pop()!;
      sink();
      return least;
    },
  };
}

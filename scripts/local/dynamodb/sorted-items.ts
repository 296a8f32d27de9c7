import type { Item } from "./attribute-value.ts";

export interface StoredItem {
  readonly item: Item;
  readonly sizeBytes: number;
}

/** A stretch of `SortedItems`, as positions `from` (within) to `to` (beyond). */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The items of one partition, by the sortable text of their sort key. An item within costs a move of those after it. */
export class SortedItems {
  readonly #texts: string[] = [];
  readonly #items: StoredItem[] = [];

  get size(): number {
    return this.#items.length;
  }

  at(position: number): StoredItem {
    return this.#items[position]!;
  }

  get(text: string): StoredItem | undefined {
    const position = this.positionOf(text);
    return this.#texts[position] === text ? this.#items[position] : undefined;
  }

  set(text: string, item: StoredItem): void {
    const position = this.positionOf(text);
    const replaced = this.#texts[position] === text ? 1 : 0;
    this.#texts.splice(position, replaced, text);
    this.#items.splice(position, replaced, item);
  }

  delete(text: string): void {
    const position = this.positionOf(text);
    if (this.#texts[position] !== text) return;
    this.#texts.splice(position, 1);
    this.#items.splice(position, 1);
  }

  /** @returns the first position whose text is not below `text`. */
  positionOf(text: string): number {
    let from = 0;
    let to = this.#texts.length;
    // Most writes come in order.
    if (to > 0 && this.#texts[to - 1]! < text) return to;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#texts[middle]! < text) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** @returns the first position whose text is above `text`. */
  positionAfter(text: string): number {
    const position = this.positionOf(text);
    return this.#texts[position] === text ? position + 1 : position;
  }
}

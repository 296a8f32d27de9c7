/** Which of a number of places a tree gets, from the seed and the tree's number alone. */
export interface Draw {
  readonly count: number;
  /** Above 0, at most 1. */
  readonly share: number;
  readonly seed: number;
  /** Tells one draw from the next. */
  readonly turn: number;
}

/** Draw each place with a probability of `share`. @returns 1 where drawn */
export function drawEach({ count, share, seed, turn }: Draw): Uint8Array {
  const from = mix(mix(seed) + turn);
  const drawn = new Uint8Array(count);
  for (let place = 0; place < count; place += 1) drawn[place] = Number(mix(from + place) < share * 2 ** 32);
  return drawn;
}

/** Draw exactly the rounded share of the places, at least one. @returns 1 where drawn */
export function drawExactly({ count, share, seed, turn }: Draw): Uint8Array {
  const from = mix(mix(seed) + turn);
  const wanted = Math.max(1, Math.round(share * count));
  const order = Array.from({ length: count }, (_, place) => ({ place, key: mix(from + place) }));
  order.sort((a, b) => a.key - b.key || a.place - b.place);
  const drawn = new Uint8Array(count);
  for (const { place } of order.slice(0, wanted)) drawn[place] = 1;
  return drawn;
}

/** Spread 32 bits over 32 bits (the finaliser of MurmurHash3, after a step so that 0 does not stay 0). */
function mix(bits: number): number {
  let hash = (bits + 0x9e3779b9) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

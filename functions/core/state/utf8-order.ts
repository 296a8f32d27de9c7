/**
 * Compare two texts in the order of their UTF-8 bytes, which is how tables order sort keys.
 *
 * JavaScript's own order, by UTF-16 units, puts characters above U+FFFF (pairs of surrogates, D800 to DFFF) before
 * those from U+E000 to U+FFFF; the bytes have them behind.
 *
 * @returns below 0, 0 or above 0, as a sort wants it; texts are well-formed.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankOf(x) - rankOf(y);
  }
  return a.length - b.length;
}

function rankOf(unit: number): number {
  return (unit & 0xf800) === 0xd800 ? unit + 0x1_0000 : unit;
}

/** Largest power of ten whose multiples a double still tells apart by one. */
const maxExact = 2 ** 53 / 10;

/**
 * Read the numbers at a name of a flat JSON object, without parsing the rest of it.
 *
 * @param text - as an `OutputEncoder` writes it: no blanks, members that are scalars or flat lists.
 * @param member - the name as JSON has it, with its colon: `"score":`.
 * @param into - takes a number, or a list's first ones, from 0 on; 64-bit integers may be strings.
 * @returns how many were read: none where nothing or a text stands there.
 */
export function scanNumbers(text: string, member: string, into: Float64Array): number {
  // Within a text a quote is escaped: only a name can end in a quote and a colon.
  const found = text.indexOf(member);
  if (found < 0) return 0;
  let at = found + member.length;
  if (text.charCodeAt(at) !== bracket) return scanNumber(text, at, into, 0) < 0 ? 0 : 1;
  let count = 0;
  while (count < into.length) {
    at = scanNumber(text, at + 1, into, count);
    if (at < 0) break;
    count++;
    if (text.charCodeAt(at) !== comma) break;
  }
  return count;
}

const [quote, comma, minus, point, digit0, digit9] = [34, 44, 45, 46, 48, 57];
const [capitalE, bracket, smallE] = [69, 91, 101];

/** A few digits decide about a bucket: what stands behind the first sixteen is skipped. @returns where the number ends; -1 where there is none */
function scanNumber(text: string, from: number, into: Float64Array, place: number): number {
  let at = from;
  const isQuoted = text.charCodeAt(at) === quote;
  if (isQuoted) at++;
  const isNegative = text.charCodeAt(at) === minus;
  if (isNegative) at++;
  let mantissa = 0;
  let exponent = 0;
  let decimals = 0;
  const begin = at;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (code === point) decimals = 1;
    else if (code >= digit0 && code <= digit9) {
      if (mantissa < maxExact) {
        mantissa = mantissa * 10 + (code - digit0);
        exponent -= decimals;
      } else exponent += 1 - decimals;
    } else break;
  }
  if (at === begin) return -1;
  const code = text.charCodeAt(at);
  if (code === smallE || code === capitalE) {
    const end = endOfExponent(text, at + 1);
    exponent += Number(text.slice(at + 1, end));
    at = end;
  }
  const value = exponent < 0 ? mantissa / 10 ** -exponent : mantissa * 10 ** exponent;
  into[place] = isNegative ? -value : value;
  return isQuoted ? at + 1 : at;
}

function endOfExponent(text: string, from: number): number {
  let at = from;
  while (!Number.isNaN(text.charCodeAt(at)) && /[-+0-9]/.test(text[at]!)) at++;
  return at;
}

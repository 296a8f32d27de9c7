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
  const isList = text.charCodeAt(at) === bracket;
  if (isList) at++;
  for (let count = 0; ; ) {
    const end = endOfValue(text, at);
    const value = numberOf(text, at, end);
    if (Number.isNaN(value)) return count;
    into[count++] = value;
    if (!isList || text.charCodeAt(end) !== comma || count === into.length) return count;
    at = end + 1;
  }
}

const [quote, comma, bracket, endBracket, endBrace] = [34, 44, 91, 93, 125];

/** A text that holds one of these ends too early: it is no number either way. */
function endOfValue(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === comma || code === endBrace || code === endBracket) return at;
  }
  return text.length;
}

/** NaN where there is none. */
function numberOf(text: string, from: number, end: number): number {
  const isQuoted = text.charCodeAt(from) === quote;
  const digits = isQuoted ? text.slice(from + 1, end - 1) : text.slice(from, end);
  // Of nothing, Number makes 0.
  return digits === "" ? Number.NaN : Number(digits);
}

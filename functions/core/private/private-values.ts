export type Scalar = string | number | boolean;

/**
 * Remove what stands at a path, in every element where the path crosses lists.
 *
 * @param found - takes the scalars that were there, those within removed objects and lists too.
 * @returns whether there was anything.
 */
export function removePath(value: unknown, keys: readonly string[], found: Scalar[], depth = 0): boolean {
  if (Array.isArray(value)) {
    let isFound = false;
    for (const each of value) isFound = removePath(each, keys, found, depth) || isFound;
    return isFound;
  }
  const key = keys[depth]!;
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return false;
  const parent = value as Record<string, unknown>;
  if (depth + 1 < keys.length) return removePath(parent[key], keys, found, depth + 1);
  gatherScalars(parent[key], found);
  delete parent[key];
  return true;
}

/**
 * Whether a text is a private value: equal as text, or the same number however it is written. Ids beyond 2^53 read
 * alike when they are near: such a text is taken for the value rather than missed.
 */
export function isPrivateText(text: string, value: Scalar): boolean {
  return text === String(value) || (typeof value === "number" && Number(text) === value);
}

/**
 * Hide private values in a message that may quote them whole or cut short.
 *
 * @returns the message with `(private)` in their places.
 */
export function hideValues(message: string, values: Iterable<Scalar>): string {
  const forms = [...values].flatMap((value) => {
    const text = String(value);
    return [text, JSON.stringify(text).slice(1, -1)];
  });
  // Longest first: a value may be part of another.
  const texts = [...new Set(forms)].filter((text) => text !== "").sort((a, b) => b.length - a.length);
  return texts.reduce(hideText, message);
}

/** A quoted value is at least so long before it is cut. */
const leastQuotedLength = 16;
const mark = "(private)";

function hideText(message: string, text: string): string {
  const start = text.slice(0, leastQuotedLength);
  let result = "";
  let from = 0;
  for (let at = message.indexOf(start); at >= 0; at = message.indexOf(start, from)) {
    let end = at + start.length;
    while (end < message.length && end - at < text.length && message[end] === text[end - at]) end++;
    const isWhole = end - at === text.length;
    const isPartOfWord = isWord(message[at - 1], start[0]) || (isWhole && isWord(message[end], text.at(-1)));
    result += message.slice(from, at) + (isPartOfWord ? message.slice(at, end) : mark);
    from = end;
  }
  return result + message.slice(from);
}

/** Whether two neighbouring characters belong to one word. */
function isWord(one: string | undefined, other: string | undefined): boolean {
  return /^[\p{L}\p{N}]{2}$/u.test(`${one ?? ""}${other ?? ""}`);
}

function gatherScalars(value: unknown, found: Scalar[]): void {
  if (value === null || value === undefined) return;
  if (typeof value === "object") for (const each of Object.values(value)) gatherScalars(each, found);
  else found.push(value as Scalar);
}

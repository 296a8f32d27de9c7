import { randomInt } from "node:crypto";

/** An id as API Gateway makes them: 10 lower-case letters and digits. */
export function makeId(): string {
  return pick("abcdefghijklmnopqrstuvwxyz0123456789", 10);
}

/** The value of an API key for which none was given: 40 letters and digits. */
export function makeKeyValue(): string {
  return pick("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 40);
}

function pick(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

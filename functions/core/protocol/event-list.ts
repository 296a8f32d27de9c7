import { httpLimits } from "../../contract/http.ts";
import { InputError } from "../errors.ts";
import { tooManyRows } from "./infer-request.ts";

/**
 * Find the events of a request `{"events": [event, …]}` without parsing them: whoever reads an event is the authority
 * on it, so that one broken event is one error and no other event's.
 *
 * @returns the bytes of each event, views of `body`, in order; at least one, at most `httpLimits.rows`.
 * @throws {InputError} `input.malformed` when what stands round the events is not that, `input.too_large` when there
 *   are too many.
 */
export function splitEvents(body: Buffer): Buffer[] {
  let at = skipSpace(body, 0);
  at = expect(body, at, "{");
  at = skipSpace(body, at);
  if (body.toString("latin1", at, at + key.length) !== key) {
    throw malformed('expected the key "events", and no other', at, body);
  }
  at = skipSpace(body, at + key.length);
  at = expect(body, at, ":");
  at = skipSpace(body, at);
  at = expect(body, at, "[");
  const events: Buffer[] = [];
  do {
    at = skipSpace(body, at);
    const end = endOfValue(body, at);
    if (end === at) throw malformed("expected an event", at, body);
    events.push(body.subarray(at, end));
    if (events.length > httpLimits.rows) throw tooManyRows(events.length);
    at = skipSpace(body, end);
  } while (body[at] === comma && ++at);
  at = expect(body, at, "]");
  at = skipSpace(body, at);
  at = expect(body, at, "}");
  at = skipSpace(body, at);
  if (at !== body.length) throw malformed("expected nothing more", at, body);
  return events;
}

const key = '"events"';
const [comma, quote, backslash] = [0x2c, 0x22, 0x5c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipSpace(body: Buffer, at: number): number {
  let next = at;
  while (isSpace(body[next])) next++;
  return next;
}

function expect(body: Buffer, at: number, character: string): number {
  if (body[at] === character.charCodeAt(0)) return at + 1;
  throw malformed(`expected "${character}"`, at, body);
}

/** Where the value that begins at `at` ends: behind its last bracket or quote, or before what can be no part of it. */
function endOfValue(body: Buffer, at: number): number {
  let depth = 0;
  let next = at;
  for (; next < body.length; next++) {
    const byte = body[next];
    if (byte === quote) {
      next = endOfString(body, next);
      if (depth === 0) return next;
      // The loop steps over the closing quote.
      next--;
    } else if (byte === openObject || byte === openList) depth++;
    else if (byte === closeObject || byte === closeList) {
      if (depth === 0) return next;
      if (--depth === 0) return next + 1;
    } else if (depth === 0 && (byte === comma || isSpace(byte))) return next;
  }
  if (depth > 0) throw malformed("expected the end of an event", next, body);
  return next;
}

function endOfString(body: Buffer, at: number): number {
  for (let next = at + 1; next < body.length; next++) {
    if (body[next] === quote) return next + 1;
    if (body[next] === backslash) next++;
  }
  throw malformed("expected the end of a string", body.length, body);
}

function malformed(expected: string, at: number, body: Buffer): InputError {
  const where = at >= body.length ? "at its end" : `at byte ${at} of ${body.length}`;
  return new InputError(`request body: ${expected} ${where}; send {"events": [event, …]} as JSON`, {
    code: "input.malformed",
    details: { at },
  });
}

import { InputError } from "../errors.ts";
import { createFields, type FieldSpec, type Fields } from "./fields.ts";
import { fillFromJson } from "./json-fields.ts";
import { createShapeScanner, type ShapeScanner } from "./shape-scanner.ts";
import { templateOf } from "./shape-template.ts";

/** Reads the fields that a model needs out of its events' bytes. */
export interface EventReader {
  /** The fields of the event read last; the next read overwrites them. */
  readonly fields: Fields;
  /**
   * Read one event.
   *
   * @param bytes - UTF-8 JSON; only looked at during the call.
   * @throws {InputError} `input.malformed` when it is not valid UTF-8 or JSON, or not an object.
   */
  read(bytes: Buffer): void;
}

/** Shapes remembered: a stream carries a few kinds of event, each with a few optional keys. */
const maxShapes = 8;
/** Events whose shape could not be used that are still tried; bounds the cost where every event differs. */
const maxWastedTemplates = 64;

/** Make a reader of `specs`. A field's position in `specs` is its position in `fields`. */
export function createEventReader(specs: readonly FieldSpec[]): EventReader {
  const fields = createFields(specs);
  const scanners: ShapeScanner[] = [];
  let wastedTemplates = 0;

  return { fields, read };

  function read(bytes: Buffer): void {
    for (let i = 0; i < scanners.length; i++) {
      if (!scanners[i]!.scan(bytes)) continue;
      if (i > 0) moveUp(i);
      return;
    }
    fillFromJson(parseEvent(bytes), specs, fields);
    learnShape(bytes);
  }

  /** One place at a time: two kinds of event that alternate do not keep pushing each other back. */
  function moveUp(i: number): void {
    const scanner = scanners[i]!;
    scanners[i] = scanners[i - 1]!;
    scanners[i - 1] = scanner;
  }

  function learnShape(bytes: Buffer): void {
    if (wastedTemplates >= maxWastedTemplates) return;
    const template = templateOf(bytes, specs);
    if (template === undefined || scanners.length === maxShapes) wastedTemplates++;
    if (template === undefined) return;
    if (scanners.length === maxShapes) scanners.pop();
    scanners.push(createShapeScanner(template, fields));
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Parse an event in full: the only authority on what is valid, and on what to say about what is not. */
export function parseEvent(bytes: Uint8Array): Record<string, unknown> {
  const event = parseJson(decodeUtf8(bytes));
  if (event === null || typeof event !== "object" || Array.isArray(event)) {
    const got = event === null ? "null" : Array.isArray(event) ? "a list" : `a ${typeof event}`;
    throw new InputError(
      `event: got ${got}, expected a JSON object; put each event on the stream as one object`,
      {
        code: "input.malformed",
      },
    );
  }
  return event as Record<string, unknown>;
}

function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length === 0) {
    throw new InputError(
      "event: got an empty record, expected a JSON object; check the producer's serialiser",
      {
        code: "input.malformed",
      },
    );
  }
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new InputError("event: got bytes that are not UTF-8, expected JSON text; encode events as UTF-8", {
      code: "input.malformed",
      cause,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const position = /position (\d+)/.exec((cause as Error).message)?.[1];
    const where = position === undefined ? "" : ` (at character ${position} of ${text.length})`;
    throw new InputError(
      `event: got text that is not JSON${where}, expected a JSON object; check the producer's serialiser`,
      {
        code: "input.malformed",
        cause,
      },
    );
  }
}

import { InputError } from "../errors.ts";

/** An integer of so many digits may be more than a JavaScript number keeps; those behind a point are no integer. */
const manyDigits = /[^0-9.][0-9]{16}/;
/** No 64-bit integer is longer, and a bigint of millions of digits would take seconds to make. */
const maxIntegerLength = 20;

/**
 * Parse JSON; integers that a JavaScript number would round become bigints of their very digits, up to 20 of them.
 *
 * @throws {InputError} `input.malformed` when the text is not JSON.
 */
export function parseLossless(text: string): unknown {
  // The reviver is called for every value, which takes ten times as long as parsing alone.
  return manyDigits.test(text) ? parse(text, keepDigits) : parse(text);
}

/** Parse JSON. @throws {InputError} as `parseLossless` does */
export function parseJson(text: string): unknown {
  return parse(text);
}

function parse(text: string, reviver?: typeof keepDigits): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof RangeError)) throw cause;
    throw new InputError(
      `request body: got ${describe(text, cause)}, expected a JSON object; check the client's serialiser`,
      {
        code: "input.malformed",
        cause,
      },
    );
  }
}

const integer = /^-?[0-9]+$/;

function keepDigits(
  this: unknown,
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const digits = context?.source ?? "";
  return digits.length <= maxIntegerLength && integer.test(digits) ? BigInt(digits) : value;
}

function describe(text: string, cause: Error): string {
  if (cause instanceof RangeError) return "lists or objects nested too deep";
  if (text.trim() === "") return "nothing";
  const position = /position (\d+)/.exec(cause.message)?.[1];
  return `text that is not JSON${position === undefined ? "" : ` (at character ${position} of ${text.length})`}`;
}

import { FieldKind, type Fields } from "./fields.ts";
import type { ShapeTemplate } from "./shape-template.ts";

/** Reads events of one known shape straight from their bytes. */
export interface ShapeScanner {
  /**
   * Fill `fields` from an event that has this shape.
   *
   * @returns false where the bytes differ from the shape in any way, or hold a value that only `JSON.parse` should
   *   judge (escapes, non-ASCII text); `fields` is then undefined and the event must be read in full.
   */
  scan(bytes: Buffer): boolean;
}

/**
 * Make a scanner for a shape.
 *
 * What it accepts, `JSON.parse` accepts, and the values are the same to the bit: a number of up to 15 digits with a
 * decimal exponent within ±22 is one exact double operated on by an exact power of ten, hence correctly rounded
 * (Clinger, "How to read floating point numbers accurately", 1990); any other goes through `Number`.
 */
export function createShapeScanner(template: ShapeTemplate, fields: Fields): ShapeScanner {
  const { literals, fieldOf, elementOf } = template;
  const { kinds, numbers, strings, tensors } = fields;
  const valueCount = fieldOf.length;
  const recent = Array.from(fieldOf, () => "");
  /** Where the value that was read last ends; -1 where there was none to read. */
  let end = 0;

  return { scan };

  function scan(bytes: Buffer): boolean {
    kinds.fill(FieldKind.missing);
    let at = 0;
    for (let value = 0; value < valueCount; value++) {
      at = skipLiteral(bytes, at, literals[value]!);
      if (at < 0) return false;
      const first = bytes[at]!;
      if (first === 0x22) {
        if (!readString(bytes, at + 1, value)) return false;
      } else if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
        const number = readNumber(bytes, at);
        if (end < 0) return false;
        storeNumber(value, number);
      } else if (!readWord(bytes, at, value)) return false;
      at = end;
    }
    return skipLiteral(bytes, at, literals[valueCount]!) === bytes.length;
  }

  function storeNumber(value: number, number: number): void {
    const field = fieldOf[value]!;
    if (field < 0) return;
    const element = elementOf[value]!;
    if (element < 0) {
      numbers[field] = number;
      kinds[field] = FieldKind.number;
    } else {
      tensors[field]![element] = number;
      kinds[field] = FieldKind.tensor;
    }
  }

  function readString(bytes: Buffer, start: number, value: number): boolean {
    let at = start;
    for (let byte = bytes[at]!; byte !== 0x22; byte = bytes[++at]!) {
      // A backslash, a control character, a byte beyond ASCII; also the undefined behind the last byte.
      if (!(byte >= 0x20 && byte <= 0x7e) || byte === 0x5c) return false;
    }
    end = at + 1;
    const field = fieldOf[value]!;
    if (field < 0) return true;
    if (elementOf[value]! >= 0) return false;
    // Neighbours often repeat a value (a type, an airport): comparing is cheaper than making a string.
    if (!equalsText(bytes, start, at, recent[value]!)) recent[value] = bytes.toString("latin1", start, at);
    strings[field] = recent[value]!;
    kinds[field] = FieldKind.string;
    return true;
  }

  function readWord(bytes: Buffer, at: number, value: number): boolean {
    const kind = wordAt(bytes, at);
    if (kind === FieldKind.missing || elementOf[value]! >= 0) return false;
    end = at + (kind === FieldKind.false ? 5 : 4);
    const field = fieldOf[value]!;
    if (field >= 0) kinds[field] = kind;
    return true;
  }

  function readNumber(bytes: Buffer, start: number): number {
    let at = start;
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    const firstDigit = at;
    let mantissa = 0;
    let digitCount = 0;
    let byte = bytes[at]!;
    while (byte >= 0x30 && byte <= 0x39) {
      mantissa = mantissa * 10 + (byte - 0x30);
      digitCount++;
      byte = bytes[++at]!;
    }
    if (digitCount === 0 || (digitCount > 1 && bytes[firstDigit] === 0x30)) return refuse();
    let exponent = 0;
    if (byte === 0x2e) {
      const fraction = ++at;
      byte = bytes[at]!;
      while (byte >= 0x30 && byte <= 0x39) {
        mantissa = mantissa * 10 + (byte - 0x30);
        digitCount++;
        byte = bytes[++at]!;
      }
      if (at === fraction) return refuse();
      exponent = fraction - at;
    }
    if (byte === 0x65 || byte === 0x45) {
      byte = bytes[++at]!;
      const negativeExponent = byte === 0x2d;
      if (byte === 0x2d || byte === 0x2b) byte = bytes[++at]!;
      const exponentStart = at;
      let written = 0;
      while (byte >= 0x30 && byte <= 0x39) {
        written = written * 10 + (byte - 0x30);
        byte = bytes[++at]!;
      }
      if (at === exponentStart) return refuse();
      exponent += negativeExponent ? -written : written;
    }
    end = at;
    if (digitCount > 15 || exponent < -22 || exponent > 22)
      return Number(bytes.toString("latin1", start, at));
    const magnitude = exponent < 0 ? mantissa / powersOfTen[-exponent]! : mantissa * powersOfTen[exponent]!;
    return negative ? -magnitude : magnitude;
  }

  function refuse(): number {
    end = -1;
    return 0;
  }
}

/** 10^0 … 10^22: all exact as doubles. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** @returns the position behind the literal, or -1. */
function skipLiteral(bytes: Buffer, at: number, literal: Buffer): number {
  const length = literal.length;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== literal[i]) return -1;
  return at + length;
}

function equalsText(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

/** @returns the kind of the literal name at `at`, or `missing` where there is none. */
function wordAt(bytes: Buffer, at: number): number {
  if (skipLiteral(bytes, at, nullWord) >= 0) return FieldKind.null;
  if (skipLiteral(bytes, at, trueWord) >= 0) return FieldKind.true;
  return skipLiteral(bytes, at, falseWord) >= 0 ? FieldKind.false : FieldKind.missing;
}

const nullWord = Buffer.from("null");
const trueWord = Buffer.from("true");
const falseWord = Buffer.from("false");

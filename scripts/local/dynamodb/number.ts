import { invalid } from "./errors.ts";

/** A number without loss: ±d.ddd… × 10^magnitude. */
interface Decimal {
  readonly negative: boolean;
  /** 1 to 38 significant digits, neither end a zero; none for zero. */
  readonly digits: string;
  /** Power of ten of the first digit, -130 to 125; 0 for zero. */
  readonly magnitude: number;
}

/**
 * Write a number as DynamoDB gives it back: without an exponent, a plus sign or idle zeros.
 *
 * @throws {AwsError} `ValidationException` when it is none, or has more digits or magnitude than DynamoDB keeps.
 */
export function canonicalNumber(text: string): string {
  return format(parse(text));
}

/** @returns `left + right` or, when told so, `left - right`. */
export function addNumbers(left: string, right: string, { subtract = false } = {}): string {
  const [a, b] = [parse(left), parse(right)];
  const exponents = [a, b].map(({ digits, magnitude }) => magnitude - digits.length + 1) as [number, number];
  const exponent = Math.min(...exponents);
  const [x, y] = [coefficient(a, exponents[0] - exponent), coefficient(b, exponents[1] - exponent)];
  return canonicalNumber(`${subtract ? x - y : x + y}e${exponent}`);
}

/**
 * A text that sorts, by code units, among all such texts as the number does among numbers.
 *
 * @param text - canonical.
 */
export function sortableNumber(text: string): string {
  const { negative, digits, magnitude } = parse(text);
  if (digits === "") return "1";
  const positive = `${String(magnitude + 200).padStart(3, "0")}${digits}`;
  if (!negative) return `2${positive}`;
  // The greater the absolute value, the lower: every digit is turned round, and a longer number sorts before a shorter.
  return `0${positive.replace(/\d/g, (digit) => String(9 - Number(digit)))}~`;
}

/**
 * Bytes that a number takes, which AWS states only roughly: one for every two significant digits, and one.
 *
 * @param text - canonical.
 */
export function numberSizeBytes(text: string): number {
  const { negative, digits, magnitude } = parse(text);
  if (digits === "") return 1;
  // Digits are stored in pairs that do not straddle the decimal point; the sign takes a byte.
  const straddling = digits.length % 2 === 0 && magnitude % 2 === 0 ? 1 : 0;
  return 1 + Math.ceil(digits.length / 2) + straddling + (negative ? 1 : 0);
}

/** Longer ones are not even looked at: they would be more digits than are kept, or zeros. */
const maxTextLength = 1000;

function parse(text: string): Decimal {
  if (text === "") throw invalid("The parameter cannot be converted to a numeric value");
  const match = text.length > maxTextLength ? null : /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (sign === undefined || whole + fraction === "") {
    throw invalid(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const unpadded = (whole + fraction).replace(/^0+/, "");
  const digits = unpadded.replace(/0+$/, "");
  if (digits === "") return { negative: false, digits: "", magnitude: 0 };
  const magnitude = Number(exponent) + unpadded.length - fraction.length - 1;
  const kept = (what: string) =>
    invalid(
      `Number ${what}. Attempting to store a number with magnitude ${magnitude > 0 ? "larger" : "smaller"} than supported range`,
    );
  if (magnitude > 125) throw kept("overflow");
  if (magnitude < -130) throw kept("underflow");
  if (digits.length > 38) throw invalid("Attempting to store more than 38 significant digits in a Number");
  return { negative: sign === "-", digits, magnitude };
}

function format({ negative, digits, magnitude }: Decimal): string {
  if (digits === "") return "0";
  const sign = negative ? "-" : "";
  if (magnitude < 0) return `${sign}0.${"0".repeat(-magnitude - 1)}${digits}`;
  const whole = digits.slice(0, magnitude + 1).padEnd(magnitude + 1, "0");
  const fraction = digits.slice(magnitude + 1);
  return sign + whole + (fraction === "" ? "" : `.${fraction}`);
}

function coefficient({ negative, digits }: Decimal, shift: number): bigint {
  const absolute = BigInt(digits || "0") * 10n ** BigInt(shift);
  return negative ? -absolute : absolute;
}

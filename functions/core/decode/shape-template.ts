import { type FieldSpec, sizeOf } from "./fields.ts";

/**
 * The byte shape of an event: what stands between its values.
 *
 * Events of one producer differ in their values, hardly ever in their keys, their order or their white space. So the
 * first event is parsed in full, and its shape becomes a guess for the next: `literals[0] value literals[1] value …`.
 */
export interface ShapeTemplate {
  /** The bytes before each value, then those after the last: one more than there are values. */
  readonly literals: readonly Buffer[];
  /** Per value: the field it belongs to, or -1. */
  readonly fieldOf: Int32Array;
  /** Per value: its place within a tensor field, or -1 for a scalar. */
  readonly elementOf: Int32Array;
}

/** Shapes with more values, or nested deeper, are left to JSON.parse. */
const maxValues = 65_536;
const maxDepth = 32;

/**
 * Derive the template of an event.
 *
 * @param bytes - an event that `JSON.parse` has accepted.
 * @returns undefined where the event's shape cannot be guessed from safely: escapes or non-ASCII bytes anywhere,
 *   a key that occurs twice, or an object or an ill-shaped list where a field stands; nor where two fields read one
 *   path, since a value is read once.
 */
export function templateOf(bytes: Buffer, specs: readonly FieldSpec[]): ShapeTemplate | undefined {
  const walk = new TemplateWalk(bytes, specs);
  return walk.isOneFieldPerPath() && walk.value([]) && walk.atEnd() ? walk.template() : undefined;
}

/** One walk over valid JSON; methods return false to give up. */
class TemplateWalk {
  readonly #bytes: Buffer;
  readonly #fieldByPath: ReadonlyMap<string, number>;
  readonly #specs: readonly FieldSpec[];
  readonly #literals: Buffer[] = [];
  readonly #fieldOf: number[] = [];
  readonly #elementOf: number[] = [];
  #at = 0;
  #literalStart = 0;
  #depth = 0;

  constructor(bytes: Buffer, specs: readonly FieldSpec[]) {
    this.#bytes = bytes;
    this.#specs = specs;
    this.#fieldByPath = new Map(specs.map(({ path }, field) => [pathKey(path), field]));
  }

  template(): ShapeTemplate {
    return {
      literals: [...this.#literals, Buffer.from(this.#bytes.subarray(this.#literalStart))],
      fieldOf: Int32Array.from(this.#fieldOf),
      elementOf: Int32Array.from(this.#elementOf),
    };
  }

  isOneFieldPerPath(): boolean {
    return this.#fieldByPath.size === this.#specs.length;
  }

  atEnd(): boolean {
    this.#space();
    return this.#at === this.#bytes.length;
  }

  value(path: readonly string[]): boolean {
    this.#space();
    const field = this.#fieldByPath.get(pathKey(path)) ?? -1;
    const byte = this.#bytes[this.#at];
    if (byte !== 0x7b && byte !== 0x5b) return this.#scalar(field, -1);
    if (this.#depth === maxDepth) return false;
    this.#depth++;
    const walked =
      byte === 0x7b ? field === -1 && this.#object(path) : field === -1 ? this.#list() : this.#tensor(field);
    this.#depth--;
    return walked;
  }

  #object(path: readonly string[]): boolean {
    const seen = new Set<string>();
    for (let first = true; ; first = false) {
      this.#at++;
      this.#space();
      if (first && this.#bytes[this.#at] === 0x7d) break;
      const keyStart = this.#at + 1;
      if (!this.#string()) return false;
      const key = this.#bytes.toString("latin1", keyStart, this.#at - 1);
      if (seen.has(key)) return false;
      seen.add(key);
      this.#space();
      this.#at++;
      if (!this.value([...path, key])) return false;
      this.#space();
      if (this.#bytes[this.#at] === 0x7d) break;
    }
    this.#at++;
    return true;
  }

  /** A list that no field stands for: its values are walked over. Objects within it hold no fields. */
  #list(): boolean {
    return this.#elements(() => this.value([unreachable]));
  }

  #tensor(field: number): boolean {
    const { shape } = this.#specs[field]!;
    if (shape === undefined) return false;
    let next = 0;
    const depths = new Set<number>();
    const visit = (axis: number): boolean => {
      this.#space();
      if (this.#bytes[this.#at] === 0x7b || axis > shape.length) return false;
      if (this.#bytes[this.#at] !== 0x5b) {
        depths.add(axis);
        return this.#scalar(field, next++);
      }
      let length = 0;
      const walked = this.#elements(() => {
        length++;
        return visit(axis + 1);
      });
      return (
        walked && (axis >= shape.length || length === shape[axis] || (axis === 0 && length === sizeOf(shape)))
      );
    };
    if (!visit(0) || next !== sizeOf(shape) || depths.size !== 1) return false;
    return depths.has(1) || depths.has(shape.length);
  }

  #elements(element: () => boolean): boolean {
    for (let first = true; ; first = false) {
      this.#at++;
      this.#space();
      if (first && this.#bytes[this.#at] === 0x5d) break;
      if (!element()) return false;
      this.#space();
      if (this.#bytes[this.#at] === 0x5d) break;
    }
    this.#at++;
    return true;
  }

  #scalar(field: number, element: number): boolean {
    if (this.#fieldOf.length === maxValues) return false;
    this.#literals.push(Buffer.from(this.#bytes.subarray(this.#literalStart, this.#at)));
    this.#fieldOf.push(field);
    this.#elementOf.push(element);
    if (this.#bytes[this.#at] === 0x22) {
      if (!this.#string()) return false;
    } else {
      while (this.#at < this.#bytes.length && !endsScalar(this.#bytes[this.#at]!)) this.#at++;
    }
    this.#literalStart = this.#at;
    return true;
  }

  /** Step over a string; false where it has escapes or is not ASCII. */
  #string(): boolean {
    for (this.#at++; this.#bytes[this.#at] !== 0x22; this.#at++) {
      const byte = this.#bytes[this.#at]!;
      if (byte === 0x5c || byte > 0x7e) return false;
    }
    this.#at++;
    return true;
  }

  #space(): void {
    while (isSpace(this.#bytes[this.#at])) this.#at++;
  }
}

/** Stands in a path for a list's elements: no key holds it, so no field can lead there. */
const unreachable = "\u0000[]";

function pathKey(path: readonly string[]): string {
  return path.join("\u0000");
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endsScalar(byte: number): boolean {
  return byte === 0x2c || byte === 0x7d || byte === 0x5d || isSpace(byte);
}

/** How one option of a command reads its text; `parse` throws an `Error` that says what is allowed. */
export interface Option<Value> {
  readonly help: string;
  /** What stands for the value in the help, e.g. `N`; none for a flag. */
  readonly placeholder?: string;
  /** What the help shows as the default. */
  readonly shownDefault?: string;
  readonly parse: (text: string) => Value;
  readonly fallback: Value;
}

/** A switch that is on when it is named. */
export function flag(help: string): Option<boolean> {
  return { help, parse: () => true, fallback: false };
}

interface IntegerLimits<Fallback> {
  readonly min: number;
  readonly max: number;
  readonly fallback: Fallback;
  readonly shownDefault?: string;
}

export function integer<Fallback extends number | undefined>(
  help: string,
  { min, max, fallback, shownDefault = fallback?.toString() }: IntegerLimits<Fallback>,
): Option<number | Fallback> {
  const allowed = `a whole number from ${min} to ${max}`;
  return {
    help,
    placeholder: "N",
    ...(shownDefault !== undefined && { shownDefault }),
    fallback,
    parse: (text) => {
      const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      throw new Error(`expected ${allowed}`);
    },
  };
}

/** A UTC day or time, as epoch milliseconds: `2001-01-31` or `2001-01-31T06:44:00Z`. */
export function time<Fallback extends number | undefined>(
  help: string,
  fallback: Fallback,
): Option<number | Fallback> {
  const example = "2001-01-31 or 2001-01-31T06:44:00Z (UTC)";
  return {
    help,
    placeholder: "TIME",
    ...(fallback !== undefined && { shownDefault: new Date(fallback).toISOString().replace(/T00:.*/, "") }),
    fallback,
    parse: (text) => {
      const value = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(text)
        ? Date.parse(text)
        : Number.NaN;
      // Date.parse takes 31 February for 3 March.
      if (new Date(value).toJSON()?.startsWith(text.slice(0, 10))) return value;
      throw new Error(`expected a day or time that exists, such as ${example}`);
    },
  };
}

export function choice<Choice extends string>(
  help: string,
  choices: readonly Choice[],
  fallback: Choice,
): Option<Choice> {
  return {
    help: `${help}: ${choices.join(" or ")}`,
    placeholder: "NAME",
    shownDefault: fallback,
    fallback,
    parse: (text) => {
      const chosen = choices.find((each) => each === text);
      if (chosen !== undefined) return chosen;
      throw new Error(`expected ${choices.join(" or ")}`);
    },
  };
}

export function path(help: string): Option<string | undefined> {
  return {
    help,
    placeholder: "FILE",
    fallback: undefined,
    parse: (text) => {
      if (text !== "") return text;
      throw new Error("expected the path of a file");
    },
  };
}

/** A text that a person writes. @param maxLength - in characters. */
export function text<Fallback extends string | undefined>(
  help: string,
  { placeholder, maxLength, fallback }: { placeholder: string; maxLength: number; fallback: Fallback },
): Option<string | Fallback> {
  return {
    help,
    placeholder,
    ...(fallback !== undefined && { shownDefault: fallback }),
    fallback,
    parse: (given) => {
      if (given.trim() !== "" && given.length <= maxLength) return given;
      throw new Error(`expected from 1 to ${maxLength} characters`);
    },
  };
}

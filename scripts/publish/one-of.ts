/**
 * Read a command's option that takes one of a few values.
 *
 * @throws {Error} naming what is allowed.
 */
export function oneOf<Choice extends string>(
  option: string,
  { options }: { readonly options: readonly Choice[] },
  value: string,
): Choice {
  const found = options.find((each) => each === value);
  if (found !== undefined) return found;
  throw new Error(`${option}: got "${value}", allowed: ${options.join(", ")}`);
}

/** One thing that is wrong with a package folder. */
export interface Problem {
  /** The file it is in, relative to the folder; absent when it concerns the folder itself. */
  readonly file?: string;
  /** 1-based line in that file, where it is known. */
  readonly line?: number;
  /** Path of the value, e.g. `features.distance.min`. */
  readonly path?: string;
  /** What, got, allowed, fix. */
  readonly message: string;
}

/** Render a problem as one readable line: `model.json:12 features.distance.min: got …`. */
export function formatProblem({ file, line, path, message }: Problem): string {
  const at = line === undefined ? (file ?? "") : `${file}:${line}`;
  const place = [at, path ?? ""].filter((part) => part !== "").join(" ");
  return place === "" ? message : `${place}: ${message}`;
}

/** Render a path of keys and indices as `features.distance.as[0]`; keys that are no plain word stand quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

/** Show a value in a message: JSON, shortened. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}` : each));
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

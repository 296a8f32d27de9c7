/** What an expression may refer to. Every function throws an {@link UnresolvedError} for a name it does not know. */
export interface Scope {
  /** `Ref`: a parameter, a pseudo parameter or the physical id of a resource; {@link noValue} for `AWS::NoValue`. */
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  importValue(exportName: string): unknown;
  /** `Fn::GetStackOutput`: an output of another stack, exported or not. */
  stackOutput(stackName: string, outputName: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, topKey: string, secondKey: string): unknown;
  readonly availabilityZones: readonly string[];
}

/** Stands for `AWS::NoValue`: the property or item that holds it is left out. */
export const noValue: unique symbol = Symbol("AWS::NoValue");

/** An expression that cannot be resolved: an unknown name, an unknown function or arguments of a wrong shape. */
export class UnresolvedError extends Error {
  override readonly name = "UnresolvedError";
}

/**
 * Replace every intrinsic function in a template value by what it stands for.
 *
 * @returns a new value; properties and items that are `AWS::NoValue` are gone. At the top it is {@link noValue} itself.
 * @throws {UnresolvedError}
 * @see CloudFormation template reference: intrinsic functions
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolve(item, scope)).filter((item) => item !== noValue);
  if (!isObject(value)) return value;
  const call = readIntrinsic(value);
  if (call !== undefined) {
    const intrinsic = intrinsics[call.name];
    if (intrinsic !== undefined) return intrinsic(call.argument, scope);
    const have = Object.keys(intrinsics).join(", ");
    throw new UnresolvedError(`got the function ${call.name}, which is not supported; supported are ${have}`);
  }
  const resolved = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== noValue));
}

/** The one key of an object that is a call of an intrinsic function, e.g. `{ "Fn::Join": [...] }`. */
export function readIntrinsic(
  value: object,
): { readonly name: string; readonly argument: unknown } | undefined {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return undefined;
  const [name, argument] = entry;
  const isCall =
    name === "Ref" || name.startsWith("Fn::") || (name === "Condition" && typeof argument === "string");
  return isCall ? { name, argument } : undefined;
}

/** The `${…}` placeholders of an `Fn::Sub` text, without the escaped `${!…}`. */
export function readPlaceholders(text: string): readonly string[] {
  return [...text.matchAll(placeholder)].flatMap(([, name]) =>
    name === undefined || name.startsWith("!") ? [] : [name],
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const placeholder = /\$\{([^}]*)\}/g;

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const intrinsics: Readonly<Record<string, Intrinsic>> = Object.freeze({
  Ref: (argument, scope) => scope.ref(text("Ref", argument)),
  Condition: (argument, scope) => scope.condition(text("Condition", argument)),
  "Fn::GetAtt": (argument, scope) => {
    const [logicalId, ...attribute] =
      typeof argument === "string" ? argument.split(".") : list("Fn::GetAtt", argument, scope);
    return scope.getAtt(
      text("Fn::GetAtt", logicalId),
      attribute.map((part) => text("Fn::GetAtt", part)).join("."),
    );
  },
  "Fn::Join": (argument, scope) => {
    const [separator, items] = list("Fn::Join", argument, scope);
    if (!Array.isArray(items)) throw misuse("Fn::Join", "[separator, list]", argument);
    return items.map((item) => text("Fn::Join", item)).join(text("Fn::Join", separator));
  },
  "Fn::Split": (argument, scope) => {
    const [separator, source] = list("Fn::Split", argument, scope);
    return text("Fn::Split", source).split(text("Fn::Split", separator));
  },
  "Fn::Select": (argument, scope) => {
    const [index, items] = list("Fn::Select", argument, scope);
    if (!Array.isArray(items)) throw misuse("Fn::Select", "[index, list]", argument);
    const item: unknown = items[Number(index)];
    if (item === undefined)
      throw new UnresolvedError(`Fn::Select: got index ${String(index)} of a list of ${items.length}`);
    return item;
  },
  "Fn::Sub": (argument, scope) => {
    const [template, variables] =
      typeof argument === "string" ? [argument, {}] : list("Fn::Sub", argument, scope);
    if (!isObject(variables)) throw misuse("Fn::Sub", "a text, or [text, {name: value}]", argument);
    return text("Fn::Sub", template).replace(placeholder, (_, name: string) =>
      substitute(name, variables, scope),
    );
  },
  "Fn::ImportValue": (argument, scope) =>
    scope.importValue(text("Fn::ImportValue", resolve(argument, scope))),
  "Fn::GetStackOutput": (argument, scope) => {
    const resolved = resolve(argument, scope);
    if (!isObject(resolved)) throw misuse("Fn::GetStackOutput", "{StackName, OutputName}", argument);
    const { StackName, OutputName } = resolved;
    return scope.stackOutput(text("Fn::GetStackOutput", StackName), text("Fn::GetStackOutput", OutputName));
  },
  "Fn::Base64": (argument, scope) =>
    Buffer.from(text("Fn::Base64", resolve(argument, scope))).toString("base64"),
  "Fn::GetAZs": (_argument, scope) => [...scope.availabilityZones],
  "Fn::FindInMap": (argument, scope) => {
    const [map, topKey, secondKey] = list("Fn::FindInMap", argument, scope);
    const found = scope.mapping(
      text("Fn::FindInMap", map),
      text("Fn::FindInMap", topKey),
      text("Fn::FindInMap", secondKey),
    );
    return resolve(found, scope);
  },
  // The branch not taken is not resolved: it may name a resource that its condition left out.
  "Fn::If": (argument, scope) => {
    if (!Array.isArray(argument) || argument.length !== 3)
      throw misuse("Fn::If", "[condition, then, else]", argument);
    const [name, yes, no] = argument as unknown[];
    return resolve(scope.condition(text("Fn::If", name)) ? yes : no, scope);
  },
  "Fn::Equals": (argument, scope) => {
    const [left, right] = list("Fn::Equals", argument, scope);
    return JSON.stringify(left) === JSON.stringify(right);
  },
  "Fn::And": (argument, scope) => list("Fn::And", argument, scope).every((item) => truth("Fn::And", item)),
  "Fn::Or": (argument, scope) => list("Fn::Or", argument, scope).some((item) => truth("Fn::Or", item)),
  "Fn::Not": (argument, scope) => !truth("Fn::Not", list("Fn::Not", argument, scope)[0]),
} satisfies Record<string, Intrinsic>);

function substitute(name: string, variables: Record<string, unknown>, scope: Scope): string {
  if (name.startsWith("!")) return `\${${name.slice(1)}}`;
  if (Object.hasOwn(variables, name)) return text("Fn::Sub", variables[name]);
  const [logicalId, ...attribute] = name.split(".");
  const value = attribute.length === 0 ? scope.ref(name) : scope.getAtt(logicalId ?? "", attribute.join("."));
  return text("Fn::Sub", value);
}

function list(name: string, argument: unknown, scope: Scope): unknown[] {
  if (!Array.isArray(argument)) throw misuse(name, "a list", argument);
  return argument.map((item) => resolve(item, scope));
}

function text(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw misuse(name, "a text", value);
}

function truth(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw misuse(name, "conditions", value);
}

function misuse(name: string, expected: string, got: unknown): UnresolvedError {
  const shown = typeof got === "symbol" ? String(got) : JSON.stringify(got);
  return new UnresolvedError(`${name}: got ${shown}, expected ${expected}`);
}

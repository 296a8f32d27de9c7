import { AwsError } from "../../aws-error.ts";
import { type AttributeValue, parseAttributeValue } from "../attribute-value.ts";
import { invalid } from "../errors.ts";

/** The members of a request that expressions draw on, as they came. */
export interface ExpressionInput {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

/** What `#name` and `:value` stand for in the expressions of one request, each of which must be used. */
export interface ExpressionScope {
  /** @returns undefined where there is no such name. */
  name(placeholder: string): string | undefined;
  value(placeholder: string): AttributeValue | undefined;
  /** @throws {AwsError} `ValidationException` when one was not asked for. */
  refuseUnused(): void;
}

/**
 * @param expressions - the request's expressions by their parameter's name, those it lacks too.
 * @throws {AwsError} `ValidationException` for names or values that are malformed, or without an expression.
 */
export function createExpressionScope(
  input: ExpressionInput,
  expressions: Readonly<Record<string, string | undefined>>,
): ExpressionScope {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  refuseWithoutExpression(names, values, expressions);
  const unusedNames = checkedPlaceholders("ExpressionAttributeNames", names, /^#[0-9a-zA-Z_]+$/);
  const unusedValues = checkedPlaceholders("ExpressionAttributeValues", values, /^:[0-9a-zA-Z_]+$/);
  const parsedValues = parseValues(values ?? {});
  return {
    name(placeholder) {
      unusedNames.delete(placeholder);
      return names !== undefined && Object.hasOwn(names, placeholder) ? names[placeholder] : undefined;
    },
    value(placeholder) {
      unusedValues.delete(placeholder);
      return parsedValues.get(placeholder);
    },
    refuseUnused() {
      refuseLeft("ExpressionAttributeNames", unusedNames);
      refuseLeft("ExpressionAttributeValues", unusedValues);
    },
  };
}

function refuseWithoutExpression(
  names: object | undefined,
  values: object | undefined,
  expressions: Readonly<Record<string, string | undefined>>,
): void {
  if (names === undefined && values === undefined) return;
  const kinds = Object.keys(expressions);
  if (names !== undefined && kinds.every((kind) => expressions[kind] === undefined)) {
    throw invalid("ExpressionAttributeNames can only be specified when using expressions");
  }
  const withValues = kinds.filter((kind) => kind !== "ProjectionExpression");
  if (values !== undefined && withValues.every((kind) => expressions[kind] === undefined)) {
    const are = withValues.length > 1 ? "are" : "is";
    throw invalid(
      `ExpressionAttributeValues can only be specified when using expressions: ${withValues.join(" and ")} ${are} null`,
    );
  }
}

function checkedPlaceholders(kind: string, given: object | undefined, syntax: RegExp): Set<string> {
  if (given === undefined) return new Set();
  const placeholders = Object.keys(given);
  if (placeholders.length === 0) throw invalid(`${kind} must not be empty`);
  const wrong = placeholders.find((placeholder) => !syntax.test(placeholder));
  if (wrong !== undefined) throw invalid(`${kind} contains invalid key: Syntax error; key: "${wrong}"`);
  return new Set(placeholders);
}

function parseValues(values: Readonly<Record<string, unknown>>): ReadonlyMap<string, AttributeValue> {
  return new Map(
    Object.entries(values).map(([placeholder, raw]) => {
      try {
        return [placeholder, parseAttributeValue(raw)];
      } catch (error) {
        if (!(error instanceof AwsError) || error.code !== "ValidationException") throw error;
        throw invalid(
          `ExpressionAttributeValues contains invalid value: ${error.message} for key ${placeholder}`,
        );
      }
    }),
  );
}

function refuseLeft(kind: string, unused: ReadonlySet<string>): void {
  if (unused.size === 0) return;
  throw invalid(`Value provided in ${kind} unused in expressions: keys: {${[...unused].join(", ")}}`);
}

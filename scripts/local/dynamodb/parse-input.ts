import { z } from "zod";
import { invalid, malformed } from "./errors.ts";

/**
 * Check an operation's input, apart from its attribute values and expressions.
 *
 * @throws {AwsError} `SerializationException` for a value of the wrong JSON type, else `ValidationException` with
 *   every constraint that failed, as DynamoDB has it.
 */
export function parseInput<Schema extends z.ZodObject>(schema: Schema, input: unknown): z.output<Schema> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw malformed("the request body must be a JSON object");
  }
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    // In AWS's JSON protocols a null member is an absent one.
    if (value === null) continue;
    const instead = legacyMembers.get(name);
    if (instead !== undefined) {
      throw invalid(`the embedded DynamoDB does not take the legacy parameter ${name}; use ${instead}`);
    }
    members[name] = value;
  }
  const result = schema.safeParse(members, { reportInput: true });
  if (result.success) return result.data;
  const { issues } = result.error;
  const mistyped = issues.find((issue) => issue.code === "invalid_type" && issue.input !== undefined);
  if (mistyped) throw malformed(`at '${wirePath(mistyped.path)}': ${mistyped.message}`);
  const failures = issues.map(
    (issue) =>
      `Value ${describe(issue.input)} at '${wirePath(issue.path)}' failed to satisfy constraint: ${constraintOf(issue)}`,
  );
  throw invalid(
    `${failures.length} validation error${failures.length === 1 ? "" : "s"} detected: ${failures.join("; ")}`,
  );
}

/** DynamoDB took these before it had expressions, and advises against them. */
const legacyMembers: ReadonlyMap<string, string> = new Map([
  ["AttributesToGet", "ProjectionExpression"],
  ["AttributeUpdates", "UpdateExpression"],
  ["ConditionalOperator", "an expression with AND or OR"],
  ["Expected", "ConditionExpression"],
  ["KeyConditions", "KeyConditionExpression"],
  ["QueryFilter", "FilterExpression"],
  ["ScanFilter", "FilterExpression"],
]);

export const tableNameField = z
  .string()
  .min(3)
  .max(255)
  .regex(/^[a-zA-Z0-9_.-]+$/);
export const returnConsumedCapacityField = z.enum(["INDEXES", "TOTAL", "NONE"]).optional();

/** Attributes by name; `parseItem` reads them. */
export const attributesField = z.custom<unknown>((value) => value !== undefined);

/** What `#name` and `:value` stand for; `createExpressionScope` reads them. */
export const placeholderFields = {
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: z.record(z.string(), z.unknown()).optional(),
} as const;

/** What every write of one item takes. */
export const writeFields = {
  TableName: tableNameField,
  ConditionExpression: z.string().optional(),
  ...placeholderFields,
  ReturnValues: z.enum(["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"]).optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(["ALL_OLD", "NONE"]).optional(),
  ReturnConsumedCapacity: returnConsumedCapacityField,
} as const;

function constraintOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return `Member must have ${measureOf(issue.origin)} greater than or equal to ${issue.minimum}`;
    case "too_big":
      return `Member must have ${measureOf(issue.origin)} less than or equal to ${issue.maximum}`;
    case "invalid_value":
      return `Member must satisfy enum value set: [${issue.values.join(", ")}]`;
    case "invalid_format":
      return `Member must satisfy regular expression pattern: ${issue.pattern?.replace(/^\/\^|\$\/$/g, "")}`;
    default:
      return "Member must not be null";
  }
}

function measureOf(origin: string): string {
  return origin === "number" || origin === "int" ? "value" : "length";
}

/** `TableName` is `tableName` in DynamoDB's messages, and positions in lists start at 1. */
function wirePath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => {
      if (typeof part === "number") return `${part + 1}.member`;
      const name = String(part);
      return name.charAt(0).toLowerCase() + name.slice(1);
    })
    .join(".");
}

function describe(value: unknown): string {
  if (value === undefined) return "null";
  return `'${String(typeof value === "object" ? JSON.stringify(value) : value).slice(0, 100)}'`;
}

import { AwsError } from "../aws-error.ts";
import { localAccount, localRegion } from "../service.ts";
import type { Table } from "./table.ts";

/** What every operation works on. */
export interface DynamoDbContext {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly tables: Map<string, Table>;
}

/** One operation: checks its input, does all its work at once, answers what goes on the wire or throws `AwsError`. */
export type DynamoDbOperation = (context: DynamoDbContext, input: unknown) => object;

/** @throws {AwsError} `ResourceNotFoundException`. */
export function findTable(context: DynamoDbContext, name: string): Table {
  const table = context.tables.get(name);
  if (table !== undefined) return table;
  throw new AwsError("ResourceNotFoundException", "Requested resource not found");
}

/** For operations on tables themselves, whose message tells the name. */
export function findNamedTable(context: DynamoDbContext, name: string): Table {
  const table = context.tables.get(name);
  if (table !== undefined) return table;
  throw new AwsError("ResourceNotFoundException", `Requested resource not found: Table: ${name} not found`);
}

export function tableArn(name: string): string {
  return `arn:aws:dynamodb:${localRegion}:${localAccount}:table/${name}`;
}

import type { KeyType } from "./table.ts";

/** What was said of a table when it was made, in the wire's own names. */
export interface TableDefinition {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAtMs: number;
  readonly keySchema: readonly KeySchemaElement[];
  readonly attributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: KeyType;
  }[];
  /** 0 on demand. */
  readonly readCapacityUnits: number;
  readonly writeCapacityUnits: number;
  readonly onDemand: boolean;
  readonly globalIndexes: readonly IndexDefinition[];
  readonly localIndexes: readonly IndexDefinition[];
}

export interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: "HASH" | "RANGE";
}

export interface IndexDefinition {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: {
    readonly ProjectionType?: "ALL" | "INCLUDE" | "KEYS_ONLY" | undefined;
    readonly NonKeyAttributes?: readonly string[] | undefined;
  };
}

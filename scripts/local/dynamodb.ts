import { AwsError } from "./aws-error.ts";
import type { DynamoDbContext } from "./dynamodb/dynamodb-context.ts";
import { dynamoDbOperations } from "./dynamodb/operations.ts";
import { answerRequest } from "./dynamodb/wire.ts";
import type { LocalService } from "./service.ts";

/**
 * DynamoDB in memory.
 *
 * Not as in AWS: no transactions, streams, PartiQL, backups, and no parameters from before there were expressions;
 * indexes are described, but cannot be read; time to live is recorded and described, but nothing expires (AWS takes up
 * to days, so readers must check anyway); nothing is throttled, and every change is done when its call returns.
 */
export function createDynamoDb(): LocalService {
  const context: DynamoDbContext = { clock: Date.now, tables: new Map() };
  return {
    signingNames: ["dynamodb"],
    handle: (request, response) =>
      answerRequest(request, response, (name, input) => {
        const operation = dynamoDbOperations.get(name);
        if (operation !== undefined) return operation(context, input);
        const have = [...dynamoDbOperations.keys()].join(", ");
        throw new AwsError(
          "UnknownOperationException",
          `the embedded DynamoDB has no ${name}; it has ${have}`,
        );
      }),
    close: async () => {
      context.tables.clear();
    },
  };
}

import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { awsAccess } from "../../../functions/adapters/aws/aws-access.ts";
import { tableClient } from "../../../functions/adapters/aws/clients.ts";
import { DynamoOutcomeStore } from "../../../functions/adapters/aws/dynamo-outcome-store.ts";
import { DynamoPredictionStore } from "../../../functions/adapters/aws/dynamo-prediction-store.ts";
import { DynamoShardStateStore } from "../../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import type { ShardStateStore } from "../../../functions/core/state/shard-state-store.ts";
import { createLocalClients, localCredentials } from "../../../scripts/local/local-clients.ts";
import { localRegion } from "../../../scripts/local/service.ts";
import type { StatePorts } from "../throughput/handler-variant.ts";

/** What went to the tables and came from them. */
export interface Traffic {
  /** Calls that read state, items they gave, items of state written; of tiles, clocks and accuracy. */
  stateQueries: number;
  stateItemsRead: number;
  stateItemsWritten: number;
  /** Units of DynamoDB that these cost, as its answers say. */
  readUnits: number;
  writeUnits: number;
  /** Predictions stored, predictions looked up by their event, outcomes written to them. */
  predictionsPut: number;
  outcomesSought: number;
  outcomesWritten: number;
}

export function noTraffic(): Traffic {
  return {
    ...{ stateQueries: 0, stateItemsRead: 0, stateItemsWritten: 0, readUnits: 0, writeUnits: 0 },
    ...{ predictionsPut: 0, outcomesSought: 0, outcomesWritten: 0 },
  };
}

/**
 * The ports of the deployed function, on tables of their own in the embedded DynamoDB.
 *
 * @param name - names the tables.
 * @param traffic - is counted up.
 */
export async function dynamoPorts(name: string, endpoint: string, traffic: Traffic): Promise<StatePorts> {
  await createTables(
    endpoint,
    ["predictions", "tiles", "sketches"].map((table) => `${name}-${table}`),
  );
  const client = tableClient(awsAccess({ endpoint, region: localRegion, credentials: localCredentials }));
  const logger = new MemoryLogger();
  const predictions = new DynamoPredictionStore({ client, table: `${name}-predictions`, logger });
  const outcomes = new DynamoOutcomeStore({ client, table: `${name}-predictions`, logger });
  const state = (table: string): ShardStateStore =>
    counted(
      new DynamoShardStateStore({
        ...{ client, table: `${name}-${table}`, logger },
        onUnits(read, write) {
          traffic.readUnits += read;
          traffic.writeUnits += write;
        },
      }),
      traffic,
    );
  return {
    store: {
      put(batch) {
        traffic.predictionsPut += batch.count;
        return predictions.put(batch);
      },
    },
    outcomes: {
      find(model, eventIds) {
        traffic.outcomesSought += eventIds.length;
        return outcomes.find(model, eventIds);
      },
      write(writes) {
        traffic.outcomesWritten += writes.length;
        return outcomes.write(writes);
      },
    },
    tiles: state("tiles"),
    sketches: state("sketches"),
  };
}

function counted(store: ShardStateStore, traffic: Traffic): ShardStateStore {
  return {
    async read(ranges) {
      const answers = await store.read(ranges);
      traffic.stateQueries += ranges.length;
      for (const items of answers) traffic.stateItemsRead += items.length;
      return answers;
    },
    async write(writes) {
      const failed = await store.write(writes);
      traffic.stateItemsWritten += writes.length - failed.length;
      return failed;
    },
  };
}

async function createTables(endpoint: string, tables: readonly string[]): Promise<void> {
  const clients = createLocalClients(endpoint);
  try {
    for (const TableName of tables) {
      await clients.dynamodb.send(
        new CreateTableCommand({
          ...{ TableName, BillingMode: "PAY_PER_REQUEST" },
          KeySchema: [
            { AttributeName: "pk", KeyType: "HASH" },
            { AttributeName: "sk", KeyType: "RANGE" },
          ],
          AttributeDefinitions: [
            { AttributeName: "pk", AttributeType: "S" },
            { AttributeName: "sk", AttributeType: "S" },
          ],
        }),
      );
    }
  } finally {
    clients.close();
  }
}

import { AttributeType } from "aws-cdk-lib/aws-dynamodb";
import type * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { StateTable } from "./state-table.ts";

export interface FeatureStateProps {
  readonly durable: boolean;
}

/**
 * What the stream functions keep of the events that went by: tiles of feature views with the shards' clocks, and
 * sketches of accuracy.
 *
 * Items of both tables: partition key `pk`, which begins with `model#`, sort key `sk`, one attribute per shard that
 * wrote, TTL in `expiresAt`. Both can be rebuilt from the archive, at the price of replaying it.
 */
export class FeatureState extends Construct {
  readonly tiles: StateTable;
  readonly sketches: StateTable;

  constructor(scope: Construct, id: string, { durable }: FeatureStateProps) {
    super(scope, id);
    const [tiles, sketches] = ["Tiles", "Sketches"].map(
      (name) =>
        new StateTable(this, name, {
          durable,
          partitionKey: { name: "pk", type: AttributeType.STRING },
          sortKey: { name: "sk", type: AttributeType.STRING },
          timeToLiveAttribute: "expiresAt",
        }),
    ) as [StateTable, StateTable];
    this.tiles = tiles;
    this.sketches = sketches;
  }

  /** Let a function read and update what one model keeps, and nothing of another's. */
  grantFeed(grantee: iam.IGrantable, model: string): void {
    for (const table of [this.tiles, this.sketches])
      table.grantItems(grantee, ["GetItem", "Query", "UpdateItem"], [`${model}#*`]);
  }

  /**
   * Let a function read the clocks, sketches and accuracy of every model, and read and write what it found of them.
   *
   * One pattern for all: a role's policies hold 10,240 characters.
   */
  grantWatch(grantee: iam.IGrantable): void {
    this.tiles.grantItems(grantee, ["GetItem", "Query"], ["*#clock"]);
    this.sketches.grantItems(grantee, ["GetItem", "Query"], ["*#sketch", "*#accuracy"]);
    this.sketches.grantItems(grantee, ["GetItem", "Query", "UpdateItem"], ["*#drift"]);
  }

  /** Let a function read what verdicts on one model's versions are made of. */
  grantJudge(grantee: iam.IGrantable, model: string): void {
    this.tiles.grantItems(grantee, ["GetItem", "Query"], [`${model}#clock`]);
    const kinds = ["verdict", "accuracy", "sketch"];
    this.sketches.grantItems(
      grantee,
      ["GetItem", "Query"],
      kinds.map((kind) => `${model}#${kind}`),
    );
  }

  /** Let a function read and write the record of one model's retraining. */
  grantLearn(grantee: iam.IGrantable, model: string): void {
    this.sketches.grantItems(grantee, ["GetItem", "PutItem"], [`${model}#learning`]);
  }

  /** Let a function read one model's tiles. */
  grantReadTiles(grantee: iam.IGrantable, model: string): void {
    this.tiles.grantItems(grantee, ["GetItem", "Query"], [`${model}#*`]);
  }

  /** Let a function add to one model's sketches. */
  grantSketch(grantee: iam.IGrantable, model: string): void {
    this.sketches.grantItems(grantee, ["GetItem", "Query", "UpdateItem"], [`${model}#sketch`]);
  }
}

import { Duration } from "aws-cdk-lib";
import { AttributeType } from "aws-cdk-lib/aws-dynamodb";
import type * as iam from "aws-cdk-lib/aws-iam";
import type * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { PrivateBucket } from "./private-bucket.ts";
import { StateTable } from "./state-table.ts";

export interface ModelRegistryProps {
  readonly durable: boolean;
  readonly accessLogs: s3.IBucket;
}

/** Published packages, addressed by content, and the ledger that says which of them is live. */
export class ModelRegistry extends Construct {
  readonly bucket: PrivateBucket;
  /** One item per (`model`, `revision`), appended by conditional puts. */
  readonly ledger: StateTable;

  constructor(scope: Construct, id: string, { durable, accessLogs }: ModelRegistryProps) {
    super(scope, id);
    this.bucket = new PrivateBucket(this, "Models", {
      durable,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: "models/",
      // Packages are never overwritten, so an older version of an object is a mistake that was put right.
      lifecycleRules: [{ id: "Overwritten", noncurrentVersionExpiration: Duration.days(90) }],
    });
    this.ledger = new StateTable(this, "Ledger", {
      durable,
      partitionKey: { name: "model", type: AttributeType.STRING },
      sortKey: { name: "revision", type: AttributeType.NUMBER },
    });
  }

  /** Let a function read one model's packages, ledger and the key that hashes its private values, and no other's. */
  grantRead(grantee: iam.IGrantable, model: string): void {
    this.grantReadPackages(grantee, model);
    this.grantReadLedger(grantee, [model]);
  }

  /** Let a function that is told which version to run read one model's packages and the key that hashes its private values. */
  grantReadPackages(grantee: iam.IGrantable, model: string): void {
    this.bucket.grantUnder(grantee, `models/${model}/`, "s3:GetObject");
    this.bucket.grantObjects(grantee, `keys/${model}`, "s3:GetObject");
    this.bucket.grantList(grantee, [`models/${model}/*`, `keys/${model}`]);
  }

  /** Let a function read and publish one model's packages. */
  grantPublish(grantee: iam.IGrantable, model: string): void {
    this.grantReadPackages(grantee, model);
    this.bucket.grantUnder(grantee, `models/${model}/`, "s3:PutObject");
  }

  /**
   * Let a function read what the packages of some models declare, and the keys that hash their private values.
   *
   * One pattern for all: a role's policies hold 10,240 characters, which a line per model would soon exceed.
   */
  grantReadDeclarations(grantee: iam.IGrantable, models: readonly string[]): void {
    // What is read is verified against the manifest, as everything of a package is.
    for (const file of ["manifest.json", "model.json"])
      this.bucket.grantObjects(grantee, `models/*/${file}`, "s3:GetObject");
    this.bucket.grantUnder(grantee, "keys/", "s3:GetObject");
    this.bucket.grantList(grantee, ["keys/*"]);
    this.grantReadLedger(grantee, models);
  }

  /** Let a function read what the packages of some models declare and were trained on; one pattern for all, as above. */
  grantReadReferences(grantee: iam.IGrantable, models: readonly string[]): void {
    for (const file of ["manifest.json", "model.json", "reference.json"])
      this.bucket.grantObjects(grantee, `models/*/${file}`, "s3:GetObject");
    this.grantReadLedger(grantee, models);
  }

  /** Let a function read which version of some models is live. */
  grantReadLedger(grantee: iam.IGrantable, models: readonly string[]): void {
    this.ledger.grantItems(grantee, ["GetItem", "Query"], models);
  }

  /** Let a function move the aliases of some models too, by appending to their ledgers. */
  grantMove(grantee: iam.IGrantable, models: readonly string[]): void {
    this.ledger.grantItems(grantee, ["GetItem", "Query", "PutItem"], models);
  }
}

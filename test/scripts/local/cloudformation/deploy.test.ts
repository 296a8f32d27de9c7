import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as cfn from "@aws-sdk/client-cloudformation";
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTablesCommand,
} from "@aws-sdk/client-dynamodb";
import { ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListSubscriptionsCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  type App,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  CfnResource,
  Duration,
  Fn,
  Stack,
} from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as kms from "aws-cdk-lib/aws-kms";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as sns from "aws-cdk-lib/aws-sns";
import * as subscriptions from "aws-cdk-lib/aws-sns-subscriptions";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, startCloud } from "../../../../scripts/local/cloud.ts";
import { localConfig } from "../local-config.ts";
import { synthesise, temporaryDirectory } from "../synthesise.ts";

let cloud: Cloud;
let tables: DynamoDBClient;
let buckets: S3Client;
let stacks: cfn.CloudFormationClient;
beforeAll(async () => {
  cloud = await startCloud();
  tables = new DynamoDBClient(localConfig(cloud.endpoint));
  buckets = new S3Client(localConfig(cloud.endpoint));
  stacks = new cfn.CloudFormationClient(localConfig(cloud.endpoint));
});
afterEach(() => cloud.reset());
afterAll(async () => {
  for (const client of [tables, buckets, stacks]) client.destroy();
  await cloud.stop();
});

describe("deploying data stacks", () => {
  it("makes streams as declared", async () => {
    const directory = await synthesise((app) => {
      const stack = new Stack(app, "Streams");
      const provisioned = {
        streamMode: kinesis.StreamMode.PROVISIONED,
        shardCount: 3,
        retentionPeriod: Duration.days(2),
      };
      const streams = [
        new kinesis.Stream(stack, "Many", { ...provisioned, streamName: "many" }),
        new kinesis.Stream(stack, "Auto", { streamMode: kinesis.StreamMode.ON_DEMAND }),
      ];
      for (const [id, stream] of streams.entries())
        new CfnOutput(stack, `S${id}`, { value: stream.streamName });
    });
    const { outputs } = await cloud.deploy(directory);
    expect(cloud.kinesis.describe("many")).toMatchObject({
      openShardCount: 3,
      onDemand: false,
      retentionHours: 48,
    });
    const auto = outputs.Streams?.S1 ?? "";
    expect(auto).toMatch(/^Streams-Auto[0-9A-F]{8}-[A-Z0-9]{12}$/);
    expect(cloud.kinesis.describe(auto)).toMatchObject({
      openShardCount: 4,
      onDemand: true,
      encryptionKeyId: "alias/aws/kinesis",
    });
  });

  it("makes tables of both kinds with their indexes and time to live", async () => {
    const directory = await synthesise((app) => {
      const stack = new Stack(app, "Tables");
      const key = (name: string) => ({ name, type: dynamodb.AttributeType.STRING });
      const shape = { partitionKey: key("pk"), sortKey: key("sk"), timeToLiveAttribute: "expires" };
      const index = {
        indexName: "bySk",
        partitionKey: key("sk"),
        projectionType: dynamodb.ProjectionType.KEYS_ONLY,
      };
      new dynamodb.TableV2(stack, "V2", { ...shape, tableName: "table-v2", globalSecondaryIndexes: [index] });
      new dynamodb.Table(stack, "V1", { ...shape, tableName: "table-v1" }).addGlobalSecondaryIndex(index);
    });
    await cloud.deploy(directory);
    for (const TableName of ["table-v1", "table-v2"]) {
      const { Table } = await tables.send(new DescribeTableCommand({ TableName }));
      expect(Table?.TableStatus).toBe("ACTIVE");
      expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual(["pk", "sk"]);
      const [index] = Table?.GlobalSecondaryIndexes ?? [];
      expect(index).toMatchObject({ IndexName: "bySk", Projection: { ProjectionType: "KEYS_ONLY" } });
      const { TimeToLiveDescription } = await tables.send(new DescribeTimeToLiveCommand({ TableName }));
      expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "expires" });
    }
  });

  it("makes queues and topics, and subscribes", async () => {
    const directory = await synthesise((app) => {
      const stack = new Stack(app, "Messages");
      const dead = new sqs.Queue(stack, "Dead", { queueName: "dead" });
      const deadLetterQueue = { queue: dead, maxReceiveCount: 3 };
      const queue = new sqs.Queue(stack, "Queue", {
        visibilityTimeout: Duration.seconds(7),
        deadLetterQueue,
      });
      const topic = new sns.Topic(stack, "Topic");
      topic.addSubscription(new subscriptions.SqsSubscription(queue, { rawMessageDelivery: true }));
      topic.addSubscription(new subscriptions.EmailSubscription("someone@example.com"));
      new CfnOutput(stack, "Url", { value: queue.queueUrl });
    });
    const { outputs } = await cloud.deploy(directory);
    const queues = new SQSClient(localConfig(cloud.endpoint));
    const { Attributes } = await queues.send(
      new GetQueueAttributesCommand({ QueueUrl: outputs.Messages?.Url, AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({ VisibilityTimeout: "7" });
    const dead = { deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead", maxReceiveCount: 3 };
    expect(JSON.parse(Attributes?.RedrivePolicy ?? "{}")).toEqual(dead);
    const topics = new SNSClient(localConfig(cloud.endpoint));
    const { Subscriptions = [] } = await topics.send(new ListSubscriptionsCommand({}));
    expect(Subscriptions.map(({ Protocol }) => Protocol).toSorted()).toEqual(["email", "sqs"]);
    for (const client of [queues, topics]) client.destroy();
  });

  it("honours conditions, parameters with defaults, and names that are expressions", async () => {
    const directory = await synthesise((app) => {
      const stack = new Stack(app, "Conditional");
      const stage = new CfnParameter(stack, "Stage", { default: "dev" });
      const isProd = new CfnCondition(stack, "IsProd", { expression: Fn.conditionEquals(stage, "prod") });
      const left = new CfnResource(stack, "LeftOut", { type: "AWS::S3::Bucket" });
      left.cfnOptions.condition = isProd;
      const name = Fn.join("-", [stage.valueAsString, Fn.select(1, Fn.split("/", "a/orders"))]);
      const properties = { BucketName: Fn.conditionIf("IsProd", left.ref, name) };
      const made = new CfnResource(stack, "Made", { type: "AWS::S3::Bucket", properties });
      new CfnOutput(stack, "Name", { value: made.ref });
      new CfnOutput(stack, "OnlyProd", { value: left.ref, condition: isProd });
    });
    const { outputs } = await cloud.deploy(directory);
    expect(outputs).toEqual({ Conditional: { Name: "dev-orders" } });
    expect((await buckets.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual([
      "dev-orders",
    ]);
  });

  it("records what has no effect here, with values to refer to", async () => {
    const directory = await synthesise((app) => {
      const stack = new Stack(app, "Recorded");
      const role = new iam.Role(stack, "Role", {
        assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com"),
      });
      const key = new kms.Key(stack, "Key", { alias: "alias/mine" });
      const group = new logs.LogGroup(stack, "Logs", { logGroupName: "/mine" });
      const bucket = new s3.Bucket(stack, "Bucket", { encryptionKey: key, enforceSSL: true });
      const metric = new cloudwatch.Metric({ namespace: "N", metricName: "M" });
      const alarm = metric.createAlarm(stack, "Alarm", { threshold: 1, evaluationPeriods: 1 });
      new cloudwatch.Dashboard(stack, "Dashboard");
      bucket.grantRead(role);
      const values = { role: role.roleArn, key: key.keyArn, group: group.logGroupArn, alarm: alarm.alarmArn };
      for (const [id, value] of Object.entries(values)) new CfnOutput(stack, id, { value });
    });
    const { outputs, recorded } = await cloud.deploy(directory);
    expect(outputs.Recorded).toMatchObject({
      role: expect.stringMatching(/^arn:aws:iam::000000000000:role\/Recorded-Role/),
      key: expect.stringMatching(/^arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f-]{36}$/),
      group: "arn:aws:logs:us-east-1:000000000000:log-group:/mine:*",
      alarm: expect.stringMatching(/^arn:aws:cloudwatch:us-east-1:000000000000:alarm:Recorded-Alarm/),
    });
    const types = recorded.map(({ type }) => type).toSorted();
    expect(types.filter((type) => type !== "AWS::CDK::Metadata")).toEqual([
      ...["AWS::CloudWatch::Dashboard", "AWS::IAM::Policy", "AWS::IAM::Role"],
      ...["AWS::KMS::Alias", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::BucketPolicy"],
    ]);
  });
});

describe("deploying in parts", () => {
  const twoStacks = (app: App) => {
    const state = new Stack(app, "State");
    const bucket = new s3.Bucket(state, "Bucket");
    // Named to come first: it is the dependency, not the name, that decides.
    const serving = new Stack(app, "A-Serving");
    new CfnOutput(serving, "Bucket", { value: bucket.bucketName });
  };

  it("deploys what others import first, and one stack after another", async () => {
    const directory = await synthesise(twoStacks);
    await expect(cloud.deploy(directory, { stacks: ["A-Serving"] })).rejects.toThrow(
      /import of "State:.*which no deployed stack exports/,
    );
    await cloud.deploy(directory, { stacks: ["State"] });
    const { outputs } = await cloud.deploy(directory, { stacks: ["A-Serving"] });
    expect(outputs["A-Serving"]?.Bucket).toMatch(/^state-bucket[0-9a-f]{8}-[a-z0-9]{12}$/);
    await expect(cloud.deploy(directory, { stacks: ["State"] })).rejects.toThrow("is deployed already");
    await expect(cloud.deploy(directory, { stacks: ["Nope"] })).rejects.toThrow(
      "got the stacks Nope, the app has State, A-Serving",
    );
    await cloud.reset();
    expect(Object.keys((await cloud.deploy(directory)).outputs)).toEqual(["State", "A-Serving"]);
  });

  it("reads an output of a stack that exports nothing", async () => {
    const directory = await synthesise((app) => {
      const state = new Stack(app, "State");
      const bucket = new s3.Bucket(state, "Bucket");
      const value = Fn.getStackOutput("State", "Kept");
      new CfnOutput(state, "Kept", { value: bucket.bucketName });
      const watching = new Stack(app, "Watching");
      watching.addStackDependency(state);
      new CfnOutput(watching, "Bucket", { value });
    });
    const { outputs } = await cloud.deploy(directory);
    expect(outputs.Watching?.Bucket).toBe(outputs.State?.Kept);
    await cloud.reset();
    const alone = cloud.deploy(directory, { stacks: ["Watching"] });
    await expect(alone).rejects.toThrow("output Kept of State, but no such stack is deployed");
  });

  it("answers CloudFormation's questions about what is deployed", async () => {
    await cloud.deploy(await synthesise(twoStacks));
    const { Stacks = [] } = await stacks.send(new cfn.DescribeStacksCommand({ StackName: "A-Serving" }));
    const [serving] = Stacks;
    expect(serving).toMatchObject({
      StackName: "A-Serving",
      StackStatus: "CREATE_COMPLETE",
      CreationTime: expect.any(Date),
    });
    const bucket = serving?.Outputs?.find(({ OutputKey }) => OutputKey === "Bucket")?.OutputValue;
    const { StackResources = [] } = await stacks.send(
      new cfn.DescribeStackResourcesCommand({ StackName: "State" }),
    );
    const resource = StackResources.find(({ ResourceType }) => ResourceType === "AWS::S3::Bucket");
    expect(resource).toMatchObject({ PhysicalResourceId: bucket, ResourceStatus: "CREATE_COMPLETE" });
    const { StackSummaries = [] } = await stacks.send(new cfn.ListStacksCommand({}));
    expect(StackSummaries.map(({ StackName }) => StackName)).toEqual(["State", "A-Serving"]);
    const { Exports = [] } = await stacks.send(new cfn.ListExportsCommand({}));
    expect(Exports.map(({ Value }) => Value)).toEqual([bucket]);
    const { TemplateBody = "" } = await stacks.send(
      new cfn.GetTemplateCommand({ StackName: serving?.StackId }),
    );
    expect(JSON.parse(TemplateBody).Outputs.Bucket).toHaveProperty(["Value", "Fn::ImportValue"]);
    const unknown = stacks.send(new cfn.DescribeStacksCommand({ StackName: "Nope" }));
    await expect(unknown).rejects.toMatchObject({
      name: "ValidationError",
      message: "Stack with id Nope does not exist",
    });
    const created = stacks.send(new cfn.DeleteStackCommand({ StackName: "State" }));
    await expect(created).rejects.toThrow(/has no "DeleteStack"; it has DescribeStackResources/);
  });
});

describe("a deployment that fails", () => {
  const isEmpty = async () => {
    expect((await tables.send(new ListTablesCommand({}))).TableNames).toEqual([]);
    expect((await buckets.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
    expect((await stacks.send(new cfn.DescribeStacksCommand({}))).Stacks ?? []).toEqual([]);
  };

  it("names every resource of an unsupported type, and what is supported, before it makes anything", async () => {
    const directory = await synthesise((app) => {
      const stack = new Stack(app, "Odd");
      new s3.Bucket(stack, "Bucket");
      new CfnResource(stack, "Cluster", { type: "AWS::ECS::Cluster" });
      new CfnResource(stack, "Cache", { type: "AWS::ElastiCache::CacheCluster" });
    });
    await expect(cloud.deploy(directory)).rejects.toMatchObject({
      name: "DeployError",
      stackName: "Odd",
      logicalId: "Cluster",
      message: expect.stringMatching(
        /Cluster \(AWS::ECS::Cluster\), Cache \(AWS::ElastiCache::CacheCluster\); .* supports .*AWS::Kinesis::Stream/,
      ),
    });
    await isEmpty();
  });

  it("names the resource and the reason, and removes what it made, in earlier stacks too", async () => {
    const directory = await synthesise((app) => {
      const first = new Stack(app, "First");
      const bucket = new s3.Bucket(first, "Bucket");
      const second = new Stack(app, "Second");
      const partitionKey = { name: "pk", type: dynamodb.AttributeType.STRING };
      const table = new dynamodb.TableV2(second, "Table", { partitionKey });
      const stream = new CfnResource(second, "Stream", {
        type: "AWS::Kinesis::Stream",
        properties: { ShardCount: 0, Tags: [{ Key: "bucket", Value: bucket.bucketName }] },
      });
      stream.node.addDependency(table);
    });
    await expect(cloud.deploy(directory)).rejects.toMatchObject({
      stackName: "Second",
      logicalId: "Stream",
      message: expect.stringMatching(/^Second: Stream \(AWS::Kinesis::Stream\): .*\S/),
    });
    await isEmpty();
  });

  it("removes a bucket that has objects by then", async () => {
    cloud.faults.set(async ({ operation }) => {
      if (operation === "CreateTable")
        await buckets.send(new PutObjectCommand({ Bucket: "filled", Key: "k", Body: "x" }));
      return undefined;
    });
    const directory = await synthesise((app) => {
      const stack = new Stack(app, "Filled");
      const bucket = new s3.Bucket(stack, "Bucket", { bucketName: "filled" });
      const table = new CfnResource(stack, "Table", {
        type: "AWS::DynamoDB::Table",
        properties: { KeySchema: [], AttributeDefinitions: [] },
      });
      table.node.addDependency(bucket);
    });
    await expect(cloud.deploy(directory)).rejects.toThrow(/^Filled: Table \(AWS::DynamoDB::Table\): /);
    await isEmpty();
  });

  it("refuses properties that it cannot read, inline code, and a reference to an attribute it lacks", async () => {
    const deployOne = async (type: string, properties: Record<string, unknown>, output?: string) =>
      cloud.deploy(
        await synthesise((app) => {
          const stack = new Stack(app, "One");
          const resource = new CfnResource(stack, "Thing", { type, properties });
          if (output !== undefined)
            new CfnOutput(stack, "Out", { value: resource.getAtt(output).toString() });
        }),
      );
    const inline = { Code: { ZipFile: "x" }, Handler: "index.handler", Runtime: "nodejs24.x" };
    await expect(deployOne("AWS::Lambda::Function", inline)).rejects.toThrow(
      "inline code and images are not supported",
    );
    await expect(deployOne("AWS::Kinesis::Stream", { ShardCount: "two" })).rejects.toThrow(
      /Thing .*ShardCount/s,
    );
    await expect(deployOne("AWS::S3::Bucket", {}, "Colour")).rejects.toThrow(
      /output Out: got the attribute Colour of Thing \(AWS::S3::Bucket\); the embedded cloud has Arn/,
    );
    await isEmpty();
  });

  it("says what to do about a directory that is no cloud assembly, and an asset that is a file", async () => {
    await expect(cloud.deploy(await temporaryDirectory())).rejects.toThrow(
      /cannot read .*manifest\.json; give the directory/,
    );
    const source = await temporaryDirectory();
    await mkdir(join(source, "code"));
    await writeFile(join(source, "code.zip"), "PK");
    const directory = await synthesise((app) => {
      const code = lambda.Code.fromAsset(join(source, "code.zip"));
      const handler = "index.handler";
      new lambda.Function(new Stack(app, "Zipped"), "Fn", {
        runtime: lambda.Runtime.NODEJS_24_X,
        handler,
        code,
      });
    });
    await expect(cloud.deploy(directory)).rejects.toThrow("which is a file; give Code.fromAsset a directory");
  });
});

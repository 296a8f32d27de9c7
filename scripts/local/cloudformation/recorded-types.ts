import { randomUUID } from "node:crypto";
import { localAccount, localRegion } from "../service.ts";
import { isObject } from "./intrinsics.ts";
import type { CreatedResource, ProviderContext, ResourceProvider } from "./provider.ts";

/**
 * Resource types that are accepted, answer `Ref` and `Fn::GetAtt` like the real thing, and have no effect here:
 * permissions, keys, log groups, dashboards and the account settings of API Gateway.
 */
export const recordedTypes: readonly ResourceProvider[] = [
  ...["Role", "User", "Group", "InstanceProfile"].map((kind) => {
    const build = (name: string) => ({
      physicalId: name,
      attributes: { Arn: arn("iam", `${kind.toLowerCase()}/${name}`), [`${kind}Id`]: `AIDA${name}` },
    });
    return record(`AWS::IAM::${kind}`, { nameProperty: `${kind}Name`, maxLength: 64, build });
  }),
  record("AWS::IAM::ManagedPolicy", {
    nameProperty: "ManagedPolicyName",
    maxLength: 128,
    build: (name) => ({
      physicalId: arn("iam", `policy/${name}`),
      attributes: { PolicyArn: arn("iam", `policy/${name}`) },
    }),
  }),
  record("AWS::Logs::LogGroup", {
    nameProperty: "LogGroupName",
    maxLength: 512,
    build: (name) => ({ physicalId: name, attributes: { Arn: arn("logs", `log-group:${name}:*`) } }),
  }),
  record("AWS::KMS::Key", {
    maxLength: 64,
    build: () => {
      const keyId = randomUUID();
      return { physicalId: keyId, attributes: { Arn: arn("kms", `key/${keyId}`), KeyId: keyId } };
    },
  }),
  record("AWS::KMS::Alias", { nameProperty: "AliasName", maxLength: 256, build: nameOnly }),
  record("AWS::CloudWatch::Dashboard", { nameProperty: "DashboardName", maxLength: 255, build: nameOnly }),
  record("AWS::ApiGateway::Account", {
    maxLength: 128,
    build: (name) => ({ physicalId: name, attributes: { Id: name } }),
  }),
  ...[
    ...["AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy"],
    ...["AWS::IAM::ServiceLinkedRole", "AWS::IAM::AccessKey", "AWS::IAM::OIDCProvider"],
    ...[
      "AWS::S3::BucketPolicy",
      "AWS::SNS::TopicPolicy",
      "AWS::SQS::QueuePolicy",
      "AWS::Kinesis::ResourcePolicy",
    ],
    ...["AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig", "AWS::CDK::Metadata"],
  ].map((type) => record(type, { maxLength: 128, build: nameOnly })),
];

type Built = Pick<CreatedResource, "physicalId" | "attributes">;

interface RecordOptions {
  /** Property that holds an explicit name, if the type has one. */
  readonly nameProperty?: string;
  readonly maxLength: number;
  readonly build: (name: string) => Built;
}

function record(type: string, { nameProperty, maxLength, build }: RecordOptions): ResourceProvider {
  return {
    type,
    create: async (context: ProviderContext, properties: unknown) => {
      const known = isObject(properties) ? properties : {};
      const given = nameProperty === undefined ? undefined : known[nameProperty];
      return build(typeof given === "string" ? given : context.physicalName({ maxLength }));
    },
  };
}

function nameOnly(name: string): Built {
  return { physicalId: name, attributes: {} };
}

/** IAM is global: its ARNs name no region. */
function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${service === "iam" ? "" : localRegion}:${localAccount}:${resource}`;
}

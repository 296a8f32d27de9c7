import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import * as iam from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { PrivateBucket } from "../../../infra/constructs/private-bucket.ts";
import { makeFolder } from "../synthesise.ts";

test.each(["its own stack", "another stack"])(
  "a prefix is granted to a role of %s, and only that",
  (where) => {
    const app = new App({ outdir: makeFolder() });
    const own = new Stack(app, "Own");
    const other = where === "its own stack" ? own : new Stack(app, "Other");
    const role = new iam.Role(other, "Role", { assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com") });
    const bucket = new PrivateBucket(own, "Bucket", { durable: false });
    bucket.grantUnder(role, "models/m/", "s3:GetObject");
    Template.fromStack(other).hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: [
          {
            Effect: "Allow",
            Action: "s3:GetObject",
            Resource: { "Fn::Join": ["", [Match.anyValue(), "/models/m/*"]] },
          },
        ],
      },
    });
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual(["AwsSolutions-S1"]);
  },
);

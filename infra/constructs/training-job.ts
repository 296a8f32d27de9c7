import { ArnFormat, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { LearningSettings } from "../config/learning-settings.ts";
import { acknowledgeWildcard } from "./acknowledge-wildcard.ts";
import type { TrainingJob } from "./learning-tasks.ts";
import type { StateResources } from "./state-resources.ts";

export interface TrainingJobProps {
  readonly model: string;
  readonly settings: LearningSettings;
  readonly state: StateResources;
  /** Starts the jobs. */
  readonly machineRole: iam.Role;
}

/**
 * What a training job of SageMaker needs, where one is configured: a role for its container, which reads and writes what
 * goes between the steps of its model, and permissions to start, watch and stop it.
 *
 * @see Step Functions developer guide, "Create and manage Amazon SageMaker jobs", IAM policies
 */
export function trainingJob(
  scope: Construct,
  { model, settings, state, machineRole }: TrainingJobProps,
): TrainingJob | undefined {
  const { trainer } = settings;
  if (trainer === "builtIn") return undefined;
  const stack = Stack.of(scope);
  const role = new iam.Role(new Construct(scope, "Job"), "Role", {
    assumedBy: new iam.ServicePrincipal("sagemaker.amazonaws.com"),
  });
  for (const action of ["s3:GetObject", "s3:PutObject"] as const)
    state.data.grantUnder(role, `learning/${model}/`, action);
  state.data.grantList(role, [`learning/${model}/*`]);
  grantImage(role, trainer.image);
  grant(role, {
    actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
    resource: stack.formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: "/aws/sagemaker/TrainingJobs*",
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
    reason: "SageMaker names the log group of all training jobs, and a stream per job.",
  });
  grant(machineRole, {
    actions: [
      ...["CreateTrainingJob", "DescribeTrainingJob", "StopTrainingJob"],
      // Step Functions marks what it starts.
      "AddTags",
    ].map((action) => `sagemaker:${action}`),
    resource: stack.formatArn({
      ...{ service: "sagemaker", resource: "training-job", resourceName: `${jobPrefix(model)}*` },
    }),
    reason: "A job is named after the execution that starts it.",
  });
  // By which it hears of a job's end.
  grant(machineRole, {
    actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
    resource: stack.formatArn({
      service: "events",
      resource: "rule",
      resourceName: "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    }),
  });
  machineRole.addToPolicy(
    new iam.PolicyStatement({
      actions: ["iam:PassRole"],
      resources: [role.roleArn],
      conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    }),
  );
  const { image, instanceType, instanceCount, volumeGiB, maxHours } = trainer;
  return {
    ...{ image, instanceType, instanceCount, volumeGiB, maxSeconds: maxHours * 3600 },
    ...{ roleArn: role.roleArn, bucket: state.data.bucketName },
  };
}

/** What the names of a model's executions begin with. */
function jobPrefix(model: string): string {
  return `${model.slice(0, 46)}-`;
}

/** An image in ECR is pulled by the job's role; one elsewhere is public. */
function grantImage(role: iam.Role, image: string): void {
  const [, account, region, repository] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(image) ?? [];
  if (account === undefined || region === undefined) return;
  const arn = Stack.of(role).formatArn({
    ...{ service: "ecr", account, region, resource: "repository", resourceName: repository! },
  });
  const actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
  grant(role, { actions, resource: arn });
  grant(role, {
    actions: ["ecr:GetAuthorizationToken"],
    resource: "*",
    reason: "A login to ECR knows no resources; what may be pulled is named.",
  });
}

interface Granted {
  readonly actions: string[];
  readonly resource: string;
  /** Of the `*` in the resource, where there is one. */
  readonly reason?: string;
}

function grant(role: iam.Role, { actions, resource, reason }: Granted): void {
  iam.Grant.addToPrincipal({ grantee: role, actions, resourceArns: [resource] });
  if (reason !== undefined) acknowledgeWildcard(role, { resource, reason });
}

import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { runtimeEnv } from "../../functions/contract/env.ts";
import type { ModelSettings } from "../config/model-settings.ts";
import type { Architecture } from "../config/target.ts";
import { type Environment, mergeEnvironment } from "./environment.ts";

export interface NodeFunctionProps {
  /** Bundle with `index.js` that exports `handler`. */
  readonly code: lambda.Code;
  readonly architecture: Architecture;
  readonly settings: Pick<ModelSettings, "memoryMiB" | "timeoutSeconds" | "reservedConcurrency">;
  readonly logRetentionDays: number;
  /** The record the function's contract names; infra's half of its env schema. */
  readonly environment: Environment;
  /**
   * Anything else of a Lambda function; wins over what this construct sets, except that `environment` is added to it.
   *
   * @default - nothing
   */
  readonly overrides?: Partial<lambda.FunctionProps>;
}

/** A function on Node 24 with its own role and its own log group. */
export class NodeFunction extends Construct implements iam.IGrantable {
  readonly function: lambda.Function;
  readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const { settings, overrides } = props;
    const logGroup = new logs.LogGroup(this, "Logs", {
      retention: props.logRetentionDays,
      // Logs say what happened, not what is: nothing is lost that a replay does not bring back.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Not the managed AWSLambdaBasicExecutionRole: it may write to every log group of the account.
    const role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(role);
    this.function = new lambda.Function(this, "Function", {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: props.code,
      architecture: props.architecture === "arm64" ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      memorySize: settings.memoryMiB,
      timeout: Duration.seconds(settings.timeoutSeconds),
      reservedConcurrentExecutions: settings.reservedConcurrency,
      role,
      logGroup,
      ...overrides,
      environment: mergeEnvironment(runtimeEnv, props.environment, overrides?.environment),
    });
    this.grantPrincipal = this.function.grantPrincipal;
  }
}

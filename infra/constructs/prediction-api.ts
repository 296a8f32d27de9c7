import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { ApiSettings } from "../config/api-settings.ts";
import { addAlarm } from "./add-alarm.ts";
import { inferRequestSchema, outcomesRequestSchema, predictRequestSchema } from "./request-schemas.ts";

/** What API Gateway measures of a route. */
export type RouteMetric = "Count" | "Latency" | "4XXError" | "5XXError";

/** Paths that ask a model, all by POST. */
export function inferenceRoutes(model: string): readonly string[] {
  return [
    `/v2/models/${model}/infer`,
    `/v2/models/${model}/versions/{version}/infer`,
    `/models/${model}/predict`,
  ];
}

/** Path that takes the outcomes of a model's predictions, by POST. */
export function outcomesRoute(model: string): string {
  return `/models/${model}/outcomes`;
}

export interface PredictionApiProps {
  readonly stage: StageName;
  readonly settings: ApiSettings;
  readonly logRetentionDays: number;
  /** Hears of answers that are the server's fault. */
  readonly alarms: sns.ITopic;
}

/**
 * The REST API of a stage, empty of functions: access, limits, request shapes and logs.
 *
 * Each model has routes of its own, so that who may call it, what it costs and how it fares are the model's own too.
 */
export class PredictionApi extends Construct {
  readonly api: apigateway.RestApi;
  /** Present with `auth: "apiKey"`. */
  readonly apiKey: apigateway.IApiKey | undefined;
  /** What each function behind the API is told of it. */
  readonly environment: { readonly HEADRACE_CORS_ORIGINS?: string };
  readonly #stage: StageName;
  readonly #settings: ApiSettings;
  readonly #validator: apigateway.IRequestValidator;
  readonly #inferRequest: apigateway.IModel;
  readonly #predictRequest: apigateway.IModel;
  readonly #outcomesRequest: apigateway.IModel;

  constructor(
    scope: Construct,
    id: string,
    { stage, settings, logRetentionDays, alarms }: PredictionApiProps,
  ) {
    super(scope, id);
    this.#stage = stage;
    this.#settings = settings;
    const origins = settings.corsOrigins;
    this.environment = origins.length === 0 ? {} : { HEADRACE_CORS_ORIGINS: origins.join(",") };
    this.api = this.#addApi(stage, logRetentionDays);
    this.#validator = this.api.addRequestValidator("Validator", {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    this.#inferRequest = this.api.addModel("InferRequest", { schema: inferRequestSchema });
    this.#predictRequest = this.api.addModel("PredictRequest", { schema: predictRequestSchema });
    this.#outcomesRequest = this.api.addModel("OutcomesRequest", { schema: outcomesRequestSchema });
    this.#addGatewayResponses();
    this.apiKey = settings.auth === "apiKey" ? this.#addApiKey() : undefined;
    this.#acknowledgeRules();
    addAlarm(this, "ServerErrors", {
      metric: this.metricServerErrors(),
      threshold: 1,
      evaluationPeriods: 3,
      description: "calls over HTTPS fail for minutes on end, at the gateway or in a function",
      entry: "servererrors",
      topic: alarms,
    });
  }

  /** Answer a model's calls by `handler`; its name is a literal part of each path. */
  addModel(model: string, handler: lambda.IFunction): void {
    const integration = integrate(handler);
    const { root } = this.api;
    const served = root.resourceForPath("v2/models").addResource(model);
    const version = served.addResource("versions").addResource("{version}");
    for (const base of [served, version]) {
      this.#addMethod(base, "GET", integration);
      this.#addMethod(base.addResource("ready"), "GET", integration);
      this.#addMethod(base.addResource("infer"), "POST", integration, this.#inferRequest);
    }
    const predict = root.resourceForPath(`models/${model}/predict`);
    this.#addMethod(predict, "POST", integration, this.#predictRequest);
    const outcomes = root.resourceForPath(outcomesRoute(model));
    this.#addMethod(outcomes, "POST", integration, this.#outcomesRequest);
  }

  /** Answer what is asked of the deployment as a whole by `handler`. */
  addServer(handler: lambda.IFunction): void {
    const integration = integrate(handler);
    const { root } = this.api;
    for (const path of ["v2", "v2/health/live", "v2/health/ready"])
      this.#addMethod(root.resourceForPath(path), "GET", integration);
  }

  /** Answers with a status of 500 and above. @default sum over 1 minute */
  metricServerErrors(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.api.metricServerError({
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(1),
      ...options,
    });
  }

  /** One of a route's metrics. @default sum over 1 minute */
  metricRoute(
    { method, path }: { readonly method: string; readonly path: string },
    metricName: RouteMetric,
    options?: cloudwatch.MetricOptions,
  ): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: "AWS/ApiGateway",
      metricName,
      dimensionsMap: { ApiName: this.api.restApiName, Method: method, Resource: path, Stage: this.#stage },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(1),
      ...options,
    });
  }

  #addApi(stage: StageName, logRetentionDays: number): apigateway.RestApi {
    const { auth, throttle } = this.#settings;
    const forgotten = { retention: logRetentionDays, removalPolicy: RemovalPolicy.DESTROY };
    const accessLogs = new logs.LogGroup(this, "AccessLogs", forgotten);
    const api = new apigateway.RestApi(this, "Api", {
      // Not unique to AWS, but the name is the dimension of the API's metrics: stages must not share one.
      restApiName: `headrace-${stage}`,
      endpointConfiguration: { types: [apigateway.EndpointType.REGIONAL] },
      // The account's one setting for all its APIs' logs: it stays, as another stage's logs may stand on it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      defaultMethodOptions:
        auth === "apiKey"
          ? { apiKeyRequired: true }
          : { authorizationType: apigateway.AuthorizationType.IAM },
      deployOptions: {
        stageName: stage,
        metricsEnabled: true,
        loggingLevel: apigateway.MethodLoggingLevel.ERROR,
        // It would log bodies.
        dataTraceEnabled: false,
        throttlingRateLimit: throttle.ratePerSecond,
        throttlingBurstLimit: throttle.burst,
        accessLogDestination: new apigateway.LogGroupLogDestination(accessLogs),
        accessLogFormat: apigateway.AccessLogFormat.custom(JSON.stringify(accessLogLine)),
      },
    });
    const resource = api.node.defaultChild as apigateway.CfnRestApi;
    // A regional API would take TLS 1.0 otherwise.
    resource.securityPolicy = apigateway.SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09;
    resource.endpointAccessMode = apigateway.EndpointAccessMode.STRICT;
    // CDK's own output of the URL; the stack has outputs by contract.
    api.node.tryRemoveChild("Endpoint");
    // API Gateway chooses this name and, were the group not there, would make one that never forgets.
    const executionLogs = new logs.LogGroup(this, "ExecutionLogs", {
      ...forgotten,
      logGroupName: `API-Gateway-Execution-Logs_${api.restApiId}/${stage}`,
    });
    api.deploymentStage.node.addDependency(executionLogs);
    return api;
  }

  #addApiKey(): apigateway.IApiKey {
    const { ratePerSecond, burst, quotaPerDay } = this.#settings.usagePlan;
    // API Gateway makes the value up; it is in no template and no output.
    const apiKey = new apigateway.ApiKey(this, "Key");
    const plan = this.api.addUsagePlan("UsagePlan", {
      apiStages: [{ stage: this.api.deploymentStage }],
      throttle: { rateLimit: ratePerSecond, burstLimit: burst },
      quota: { limit: quotaPerDay, period: apigateway.Period.DAY },
    });
    plan.addApiKey(apiKey);
    return apiKey;
  }

  /** Errors of the gateway have the protocol's body, so that its clients can read them. */
  #addGatewayResponses(): void {
    const body = { templates: { "application/json": '{"error":$context.error.messageString}' } };
    // They hold no more than a message; and which of several origins asked is not known here.
    const [origin, ...others] = this.#settings.corsOrigins;
    const allowed = others.length === 0 ? origin : "*";
    const cors =
      allowed === undefined ? {} : { responseHeaders: { "Access-Control-Allow-Origin": `'${allowed}'` } };
    this.api.addGatewayResponse("ClientError", {
      type: apigateway.ResponseType.DEFAULT_4XX,
      ...body,
      ...cors,
    });
    this.api.addGatewayResponse("ServerError", {
      type: apigateway.ResponseType.DEFAULT_5XX,
      ...body,
      ...cors,
    });
    // Signed calls keep API Gateway's 403: there, a missing signature and a wrong path are the same fault.
    if (this.#settings.auth === "iam") return;
    this.api.addGatewayResponse("UnknownPath", {
      type: apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
      statusCode: "404",
      templates: { "application/json": '{"error":"unknown path or model"}' },
      ...cors,
    });
  }

  #addMethod(
    resource: apigateway.IResource,
    method: "GET" | "POST",
    integration: apigateway.Integration,
    model?: apigateway.IModel,
  ): void {
    const { corsOrigins, auth } = this.#settings;
    resource.addMethod(method, integration, {
      requestValidator: this.#validator,
      // Under `$default` too: a body is not let by unchecked for its content type.
      requestModels: model && { "application/json": model, $default: model },
    });
    if (corsOrigins.length === 0) return;
    resource.addCorsPreflight({
      allowOrigins: corsOrigins,
      allowMethods: [method],
      allowHeaders:
        auth === "apiKey"
          ? ["Content-Type", "X-Api-Key"]
          : ["Authorization", "Content-Type", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token"],
      maxAge: Duration.hours(1),
    });
  }

  #acknowledgeRules(): void {
    const isKeyed = this.#settings.auth === "apiKey";
    const rules = {
      "AwsSolutions-APIG3":
        "A web ACL costs by the month and knows nothing of models; keys, throttles, quotas and body checks stand in front instead. Where callers are anonymous, associate one with the stage.",
      "AwsSolutions-COG4": isKeyed
        ? "Callers are services: each method wants an API key within a usage plan, or, with api.auth = iam, a signature."
        : "Callers are services that sign with their own roles; there are no users to keep a pool of.",
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]":
        "API Gateway wants this policy for the account's one logging role, and checks that it is whole.",
      ...(isKeyed && {
        "AwsSolutions-APIG4":
          "Each method wants an API key within a usage plan, health included; api.auth = iam wants a signature and is recommended for production.",
      }),
    };
    for (const [rule, reason] of Object.entries(rules))
      Validations.of(this).acknowledge({ id: rule, reason });
  }
}

/** One line per call; no query string, no header, no body. */
const accessLogLine = {
  requestId: "$context.requestId",
  time: "$context.requestTime",
  sourceIp: "$context.identity.sourceIp",
  apiKeyId: "$context.identity.apiKeyId",
  caller: "$context.identity.userArn",
  method: "$context.httpMethod",
  path: "$context.path",
  route: "$context.resourcePath",
  status: "$context.status",
  fault: "$context.error.responseType",
  responseBytes: "$context.responseLength",
  latencyMs: "$context.responseLatency",
  integrationLatencyMs: "$context.integrationLatency",
};

/** One permission for the API as a whole: with one per method, a model would be seven resources more. */
function integrate(handler: lambda.IFunction): apigateway.LambdaIntegration {
  return new apigateway.LambdaIntegration(handler, { scopePermissionToMethod: false });
}

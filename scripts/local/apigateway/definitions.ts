/** One REST API as CloudFormation describes it, before it is deployed to a stage. */
export interface RestApiDefinition {
  readonly name: string;
  readonly description?: string;
  /** E.g. `application/octet-stream`; a `*` on either side of the slash stands for any. */
  readonly binaryMediaTypes: readonly string[];
}

export interface MethodDefinition {
  readonly resourceId: string;
  /** `GET`, … or `ANY`. */
  readonly httpMethod: string;
  readonly authorization: "NONE" | "AWS_IAM";
  readonly isApiKeyRequired: boolean;
  readonly requiredParameters: readonly RequiredParameter[];
  /** Name of a model by content type. */
  readonly requestModels: Readonly<Record<string, string>>;
  readonly validatorId?: string;
  readonly integration: Integration;
}

export interface RequiredParameter {
  readonly location: "header" | "path" | "querystring";
  readonly name: string;
}

export type Integration = ProxyIntegration | MockIntegration;

/** Lambda proxy integration. */
export interface ProxyIntegration {
  readonly kind: "lambda";
  readonly functionArn: string;
  readonly timeoutMs: number;
}

/** Answers by itself; the request's template names a status, which chooses among the responses. */
export interface MockIntegration {
  readonly kind: "mock";
  /** By content type, e.g. `{ statusCode: 204 }`. */
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly responses: readonly MockResponse[];
}

export interface MockResponse {
  readonly statusCode: number;
  /** Matched against the whole of the request template's status; absent: the default response. */
  readonly selectionPattern?: RegExp;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RequestValidator {
  readonly isBodyValidated: boolean;
  readonly areParametersValidated: boolean;
}

export interface GatewayResponse {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** By content type; `$context.error.messageString` and its like are filled in. */
  readonly templates: Readonly<Record<string, string>>;
}

/** Requests per second that are let through in the long run, and how many at once. */
export interface Throttle {
  /** Absent: nothing is throttled. */
  readonly ratePerSecond?: number;
  /** @default the rate, at least 1 */
  readonly burst?: number;
}

export interface Quota {
  readonly limit: number;
  /** Requests that count as made when the first period begins. */
  readonly offset: number;
  readonly period: "DAY" | "WEEK" | "MONTH";
}

/** A stage's throttle for the methods it names; `*` stands for any. */
export interface MethodThrottle {
  readonly httpMethod: string;
  readonly resourcePath: string;
  readonly throttle: Throttle;
}

export interface StageDefinition {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly methodThrottles: readonly MethodThrottle[];
}

export interface UsagePlanDefinition {
  readonly name: string;
  readonly description?: string;
  readonly stages: readonly UsagePlanStage[];
  readonly throttle?: Throttle;
  readonly quota?: Quota;
}

export interface UsagePlanStage {
  readonly apiId: string;
  readonly stageName: string;
  /** In place of the plan's own throttle, by `/resource/METHOD`. */
  readonly methodThrottles: Readonly<Record<string, Throttle>>;
}

import { AwsError } from "../aws-error.ts";
import type {
  GatewayResponse,
  MethodDefinition,
  RequestValidator,
  RestApiDefinition,
  StageDefinition,
} from "./definitions.ts";
import { type Deployment, makeDeployment, makeStage, type Stage } from "./deployment.ts";
import { makeId } from "./random-id.ts";

export interface RestApiSummary extends RestApiDefinition {
  readonly apiId: string;
  readonly rootResourceId: string;
  readonly createdAt: Date;
}

/** The REST APIs of the account. Each function throws an {@link AwsError} for what it does not know. */
export interface RestApis {
  createRestApi(definition: RestApiDefinition): RestApiSummary;
  /** With all that belongs to it. */
  deleteRestApi(apiId: string): void;
  restApis(): readonly RestApiSummary[];
  /** @returns the resource's id. */
  createResource(apiId: string, resource: { readonly parentId: string; readonly pathPart: string }): string;
  putMethod(apiId: string, method: MethodDefinition): void;
  putModel(apiId: string, name: string, schema: object): void;
  /** @returns its id. */
  createRequestValidator(apiId: string, validator: RequestValidator): string;
  putGatewayResponse(apiId: string, type: string, response: GatewayResponse): void;
  /** @returns the deployment's id. */
  createDeployment(apiId: string): string;
  createStage(apiId: string, stage: StageDefinition): void;
  deleteStage(apiId: string, stageName: string): void;
  findStage(apiId: string, stageName: string): Stage | undefined;
}

export function createRestApis(now: () => number): RestApis {
  const apis = new Map<string, RestApi>();
  const apiOf = (apiId: string): RestApi => apis.get(apiId) ?? notFound("API", apiId);

  return {
    createRestApi(definition) {
      const summary = Object.freeze({
        ...definition,
        apiId: makeId(),
        rootResourceId: makeId(),
        createdAt: new Date(now()),
      });
      apis.set(summary.apiId, emptyApi(summary));
      return summary;
    },
    deleteRestApi(apiId) {
      if (!apis.delete(apiId)) notFound("API", apiId);
    },
    restApis: () => [...apis.values()].map(({ summary }) => summary),
    createResource(apiId, { parentId, pathPart }) {
      const { resources } = apiOf(apiId);
      const parent = resources.get(parentId) ?? notFound("Resource", parentId);
      const path = `${parent === "/" ? "" : parent}/${pathPart}`;
      checkSibling(path, [...resources.values()]);
      const resourceId = makeId();
      resources.set(resourceId, path);
      return resourceId;
    },
    putMethod(apiId, method) {
      const { resources, methods } = apiOf(apiId);
      if (!resources.has(method.resourceId)) notFound("Resource", method.resourceId);
      const key = `${method.resourceId} ${method.httpMethod}`;
      if (methods.has(key))
        throw new AwsError("ConflictException", "Method already exists for this resource", 409);
      methods.set(key, method);
    },
    putModel(apiId, name, schema) {
      const { models } = apiOf(apiId);
      if (models.has(name))
        throw new AwsError("ConflictException", `Model name already exists: ${name}`, 409);
      models.set(name, schema);
    },
    createRequestValidator(apiId, validator) {
      const validatorId = makeId();
      apiOf(apiId).validators.set(validatorId, validator);
      return validatorId;
    },
    putGatewayResponse: (apiId, type, response) => {
      apiOf(apiId).gatewayResponses.set(type, response);
    },
    createDeployment(apiId) {
      const api = apiOf(apiId);
      if (api.methods.size === 0)
        throw new AwsError("BadRequestException", "The REST API doesn't contain any methods");
      const deployment = makeDeployment(makeId(), {
        ...api,
        apiId,
        definition: api.summary,
        methods: [...api.methods.values()],
      });
      api.deployments.set(deployment.deploymentId, deployment);
      return deployment.deploymentId;
    },
    createStage(apiId, { deploymentId, ...stage }) {
      const { deployments, stages } = apiOf(apiId);
      if (stages.has(stage.stageName)) throw new AwsError("ConflictException", "Stage already exists", 409);
      const deployment = deployments.get(deploymentId) ?? notFound("Deployment", deploymentId);
      stages.set(stage.stageName, makeStage({ ...stage, deployment, now }));
    },
    deleteStage(apiId, stageName) {
      if (!apiOf(apiId).stages.delete(stageName)) notFound("stage", stageName);
    },
    findStage: (apiId, stageName) => apis.get(apiId)?.stages.get(stageName),
  };
}

interface RestApi {
  readonly summary: RestApiSummary;
  readonly resources: Map<string, string>;
  /** By resource id and HTTP method. */
  readonly methods: Map<string, MethodDefinition>;
  readonly models: Map<string, object>;
  readonly validators: Map<string, RequestValidator>;
  readonly gatewayResponses: Map<string, GatewayResponse>;
  readonly deployments: Map<string, Deployment>;
  readonly stages: Map<string, Stage>;
}

function emptyApi(summary: RestApiSummary): RestApi {
  return {
    summary,
    resources: new Map([[summary.rootResourceId, "/"]]),
    methods: new Map(),
    // Every API is born with these two.
    models: new Map<string, object>([
      ["Empty", { type: "object", title: "Empty Schema" }],
      ["Error", { type: "object", title: "Error Schema", properties: { message: { type: "string" } } }],
    ]),
    validators: new Map(),
    gatewayResponses: new Map(),
    deployments: new Map(),
    stages: new Map(),
  };
}

/** Two variables of one kind below the same resource could never be told apart. */
function checkSibling(path: string, others: readonly string[]): void {
  const shape = path.replace(/\{[^/{}]*?(\+?)\}$/, "{$1}");
  const parent = path.slice(0, path.lastIndexOf("/") + 1);
  const isSibling = (other: string) => other.startsWith(parent) && !other.slice(parent.length).includes("/");
  const clash = others.find(
    (other) => isSibling(other) && other.replace(/\{[^/{}]*?(\+?)\}$/, "{$1}") === shape,
  );
  if (clash === undefined) return;
  throw new AwsError("ConflictException", `got the resource ${path}, but the API has ${clash}`, 409);
}

function notFound(what: string, id: string): never {
  throw new AwsError("NotFoundException", `Invalid ${what} identifier specified: ${id}`, 404);
}

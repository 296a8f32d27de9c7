import { describe, expect, it } from "vitest";
import type { MethodDefinition } from "../../../../scripts/local/apigateway/definitions.ts";
import { createRestApis } from "../../../../scripts/local/apigateway/rest-apis.ts";

function setUp() {
  const apis = createRestApis(() => 0);
  const { apiId, rootResourceId } = apis.createRestApi({ name: "api", binaryMediaTypes: [] });
  const put = (resourceId: string, given: Partial<MethodDefinition> = {}) =>
    apis.putMethod(apiId, {
      resourceId,
      httpMethod: "GET",
      authorization: "NONE",
      isApiKeyRequired: false,
      requiredParameters: [],
      requestModels: {},
      integration: { kind: "mock", requestTemplates: {}, responses: [] },
      ...given,
    });
  const add = (parentId: string, pathPart: string) => apis.createResource(apiId, { parentId, pathPart });
  const stage = (stageName: string, deploymentId: string) =>
    apis.createStage(apiId, { stageName, deploymentId, variables: {}, methodThrottles: [] });
  return { apis, apiId, root: rootResourceId, put, add, stage };
}

describe("REST APIs", () => {
  it("serve a deployment as the API was when it was made", () => {
    const { apis, apiId, root, put, add, stage } = setUp();
    put(root);
    const before = apis.createDeployment(apiId);
    put(add(root, "later"));
    const after = apis.createDeployment(apiId);
    stage("old", before);
    stage("new", after);
    const paths = (stageName: string) =>
      ["/", "/later"].filter((path) =>
        apis.findStage(apiId, stageName)?.deployment.routes.match("GET", path),
      );
    expect(paths("old")).toEqual(["/"]);
    expect(paths("new")).toEqual(["/", "/later"]);
    apis.deleteStage(apiId, "old");
    expect(apis.findStage(apiId, "old")).toBeUndefined();
    apis.deleteRestApi(apiId);
    expect(apis.findStage(apiId, "new")).toBeUndefined();
    expect(apis.restApis()).toEqual([]);
  });

  it("refuse two resources that no path could tell apart", () => {
    const { root, add } = setUp();
    const models = add(root, "models");
    for (const part of ["one", "{name}", "{rest+}"]) add(models, part);
    for (const part of ["one", "{other}", "{other+}"])
      expect(() => add(models, part)).toThrow(`got the resource /models/${part}, but the API has /models/`);
    expect(() => add(root, "{other}")).not.toThrow();
    expect(() => add("nope", "x")).toThrow("Invalid Resource identifier specified: nope");
  });

  it("refuse a second of what there is one of, and a deployment of nothing", () => {
    const { apis, apiId, root, put, stage } = setUp();
    expect(() => apis.createDeployment(apiId)).toThrow("The REST API doesn't contain any methods");
    put(root);
    expect(() => put(root)).toThrow("Method already exists for this resource");
    apis.putModel(apiId, "Rows", {});
    expect(() => apis.putModel(apiId, "Rows", {})).toThrow("Model name already exists: Rows");
    const deploymentId = apis.createDeployment(apiId);
    stage("prod", deploymentId);
    expect(() => stage("prod", deploymentId)).toThrow("Stage already exists");
    expect(() => stage("test", "nope")).toThrow("Invalid Deployment identifier specified: nope");
  });

  it("refuse to deploy a method whose model is not there or is no schema", () => {
    const { apis, apiId, root, put } = setUp();
    const validatorId = apis.createRequestValidator(apiId, {
      isBodyValidated: true,
      areParametersValidated: false,
    });
    put(root, { validatorId, requestModels: { "application/json": "Rows" } });
    expect(() => apis.createDeployment(apiId)).toThrow('got the model "Rows", which the API does not have');
    apis.putModel(apiId, "Rows", { type: "table" });
    expect(() => apis.createDeployment(apiId)).toThrow(/schema is invalid/);
  });
});

import { describe, expect, test } from "vitest";
import { servingOutputs } from "../../../functions/contract/stack-outputs.ts";
import { type Resource, type Synthesis, synthesise } from "../synthesise.ts";

const models = { "flight-delay": {}, dense: {} };
const keyed = synthesise({ models });
const signed = synthesise({ models, api: { auth: "iam" } });
const shared = synthesise({ models, api: { corsOrigins: ["https://a.example", "https://b.example"] } });

const perModel = (model: string) => [
  `GET /v2/models/${model}`,
  `GET /v2/models/${model}/ready`,
  `GET /v2/models/${model}/versions/{version}`,
  `GET /v2/models/${model}/versions/{version}/ready`,
  `POST /models/${model}/predict`,
  `POST /models/${model}/outcomes`,
  `POST /v2/models/${model}/infer`,
  `POST /v2/models/${model}/versions/{version}/infer`,
];
const server = ["GET /v2", "GET /v2/health/live", "GET /v2/health/ready"];

describe("the routes", () => {
  const routes = routesOf(keyed);

  test("are the protocol's, whole-event prediction and outcomes for each model, and three of the deployment", () => {
    const expected = [...Object.keys(models).flatMap(perModel), ...server];
    expect([...routes.keys()].sort()).toEqual(expected.sort());
  });

  test("lead to their own model's function, and the deployment's to the server function", () => {
    for (const [route, { Integration }] of routes) {
      const [model] = Object.keys(models).filter((name) => route.includes(`/${name}`));
      const pattern =
        model === undefined ? /^ServerFunction/ : new RegExp(`^Endpoint${model.replace("-", "")}Inference`);
      expect(Integration.Type).toBe("AWS_PROXY");
      expect(JSON.stringify(Integration.Uri)).toContain('"Fn::GetAtt":["');
      const [, id = ""] = /"Fn::GetAtt":\["(\w+)"/.exec(JSON.stringify(Integration.Uri)) ?? [];
      expect(id).toMatch(pattern);
    }
  });

  test("all go through the one validator, and bodies are checked whatever content type they claim", () => {
    for (const [route, { RequestValidatorId, RequestModels }] of routes) {
      expect(RequestValidatorId.Ref).toMatch(/^ApiValidator/);
      if (route.startsWith("GET")) expect(RequestModels).toBeUndefined();
      else {
        const [, last = ""] = /\/(\w+)$/.exec(route) ?? [];
        const model = { Ref: expect.stringMatching(new RegExp(`^Api${last}Request`, "i")) };
        expect(RequestModels).toEqual({ "application/json": model, $default: model });
      }
    }
    keyed.servingTemplate.hasResourceProperties("AWS::ApiGateway::RequestValidator", {
      ValidateRequestBody: true,
      ValidateRequestParameters: true,
    });
  });

  test("are deployed anew when one of them changes, and only then", () => {
    const idOf = (synthesis: Synthesis) =>
      [...synthesis.resources].find(([, { Type }]) => Type === "AWS::ApiGateway::Deployment")?.[0];
    expect(idOf(synthesise({ models: { dense: {}, "flight-delay": {} } }))).toBe(idOf(keyed));
    expect(idOf(synthesise({ models: { dense: { predict: { memoryMiB: 512 } }, "flight-delay": {} } }))).toBe(
      idOf(keyed),
    );
    expect(idOf(synthesise({ models: { dense: {} } }))).not.toBe(idOf(keyed));
    expect(idOf(signed)).not.toBe(idOf(keyed));
  });
});

describe("access by key", () => {
  test("is wanted of every method, health included", () => {
    for (const { ApiKeyRequired, AuthorizationType } of routesOf(keyed).values())
      expect({ ApiKeyRequired, AuthorizationType }).toEqual({
        ApiKeyRequired: true,
        AuthorizationType: "NONE",
      });
  });

  test("is metered by a usage plan, and the key's value is nowhere", () => {
    expect(keyed.ofType("AWS::ApiGateway::UsagePlan")[0]!.Properties).toMatchObject({
      ApiStages: [{ ApiId: { Ref: expect.stringMatching(/^Api/) } }],
      Throttle: { RateLimit: 500, BurstLimit: 1000 },
      Quota: { Limit: 1_000_000, Period: "DAY" },
    });
    expect(keyed.ofType("AWS::ApiGateway::UsagePlanKey")).toHaveLength(1);
    expect(keyed.ofType("AWS::ApiGateway::ApiKey")[0]!.Properties).toEqual({ Enabled: true });
    const api = {
      usagePlan: { ratePerSecond: 5, burst: 6, quotaPerDay: 7 },
      throttle: { ratePerSecond: 8, burst: 9 },
    };
    const set = synthesise({ api });
    expect(set.ofType("AWS::ApiGateway::UsagePlan")[0]!.Properties).toMatchObject({
      Throttle: { RateLimit: 5, BurstLimit: 6 },
      Quota: { Limit: 7, Period: "DAY" },
    });
    expect(stageOf(set).MethodSettings[0]).toMatchObject({
      ThrottlingRateLimit: 8,
      ThrottlingBurstLimit: 9,
    });
  });

  test("knows a wrong path from a wrong key", () => {
    keyed.servingTemplate.hasResourceProperties("AWS::ApiGateway::GatewayResponse", {
      ResponseType: "MISSING_AUTHENTICATION_TOKEN",
      StatusCode: "404",
      ResponseTemplates: { "application/json": '{"error":"unknown path or model"}' },
    });
  });
});

describe("access by signature", () => {
  test("is wanted of every method, health included, and there are no keys", () => {
    for (const { ApiKeyRequired, AuthorizationType } of routesOf(signed).values())
      expect({ ApiKeyRequired, AuthorizationType }).toEqual({
        ApiKeyRequired: undefined,
        AuthorizationType: "AWS_IAM",
      });
    for (const kind of ["ApiKey", "UsagePlan", "UsagePlanKey"])
      expect(signed.ofType(`AWS::ApiGateway::${kind}`)).toEqual([]);
  });

  test("leaves an unsigned call a 403", () => {
    const types = signed.ofType("AWS::ApiGateway::GatewayResponse").map(({ Properties }) => Properties);
    expect(types.map(({ ResponseType }) => ResponseType).sort()).toEqual(["DEFAULT_4XX", "DEFAULT_5XX"]);
  });
});

describe("the gateway", () => {
  test("answers its own errors in the protocol's words", () => {
    const responses = keyed.ofType("AWS::ApiGateway::GatewayResponse").map(({ Properties }) => Properties);
    expect(responses).toHaveLength(3);
    for (const { ResponseTemplates, ResponseParameters } of responses) {
      const text = ResponseTemplates["application/json"].replace("$context.error.messageString", '"why"');
      expect(JSON.parse(text)).toEqual({ error: expect.any(String) });
      expect(ResponseParameters).toBeUndefined();
    }
  });

  test("stands in one region and takes nothing older than TLS 1.2", () => {
    expect(keyed.ofType("AWS::ApiGateway::RestApi")[0]!.Properties).toEqual({
      Name: "headrace-dev",
      EndpointConfiguration: { Types: ["REGIONAL"] },
      EndpointAccessMode: "STRICT",
      SecurityPolicy: "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    });
  });

  test("logs who called what and how it went, never a body, a header or a query", () => {
    const { AccessLogSetting, MethodSettings, StageName } = stageOf(keyed);
    expect(StageName).toBe("dev");
    expect(MethodSettings).toEqual([
      {
        HttpMethod: "*",
        ResourcePath: "/*",
        DataTraceEnabled: false,
        LoggingLevel: "ERROR",
        MetricsEnabled: true,
        ThrottlingRateLimit: 1000,
        ThrottlingBurstLimit: 2000,
      },
    ]);
    const variables = Object.values<string>(JSON.parse(AccessLogSetting.Format));
    expect(variables.filter((variable) => !/^\$context\.[\w.]+$/.test(variable))).toEqual([]);
    expect(AccessLogSetting.Format).not.toMatch(/query|header|body|requestOverride|\$input/i);
  });

  test("has log groups that forget, before it could make one that does not", () => {
    const stage = [
      ...keyed.servingTemplate.toJSON().Resources[keyOf(keyed, "AWS::ApiGateway::Stage")].DependsOn,
    ];
    expect(stage).toContainEqual(expect.stringMatching(/^ApiExecutionLogs/));
    keyed.servingTemplate.hasResourceProperties("AWS::Logs::LogGroup", {
      LogGroupName: {
        "Fn::Join": [
          "",
          ["API-Gateway-Execution-Logs_", { Ref: keyOf(keyed, "AWS::ApiGateway::RestApi") }, "/dev"],
        ],
      },
      RetentionInDays: 30,
    });
  });

  test("keeps the account's logging role when the stack goes: other APIs log by it", () => {
    for (const type of ["AWS::ApiGateway::Account", "AWS::IAM::Role"]) {
      const [kept] = [...keyed.resources].filter(
        ([id, { Type }]) => Type === type && /^serving\/Api/.test(id),
      );
      expect(kept![1].DeletionPolicy).toBe("Retain");
    }
  });

  test("alarms when calls keep failing", () => {
    keyed.servingTemplate.hasResourceProperties("AWS::CloudWatch::Alarm", {
      Namespace: "AWS/ApiGateway",
      MetricName: "5XXError",
      Dimensions: [{ Name: "ApiName", Value: "headrace-dev" }],
      Statistic: "Sum",
      Threshold: 1,
      EvaluationPeriods: 3,
    });
  });
});

describe("web pages", () => {
  test("of the listed origins may ask first, without a key; others are not answered", () => {
    const routes = [...routesOf(shared)];
    const preflights = routes.filter(([route]) => route.startsWith("OPTIONS "));
    expect(preflights.map(([route]) => route.slice("OPTIONS ".length)).sort()).toEqual(
      routes.flatMap(([route]) => (/^(GET|POST) /.test(route) ? [route.replace(/^\w+ /, "")] : [])).sort(),
    );
    for (const [, { ApiKeyRequired, AuthorizationType, Integration }] of preflights) {
      expect({ ApiKeyRequired, AuthorizationType, type: Integration.Type }).toEqual({
        ApiKeyRequired: false,
        AuthorizationType: "NONE",
        type: "MOCK",
      });
      expect(JSON.stringify(Integration)).toContain("https://b.example");
    }
  });

  test("may read the gateway's own errors", () => {
    for (const { Properties } of shared.ofType("AWS::ApiGateway::GatewayResponse")) {
      expect(Properties.ResponseParameters).toEqual({
        "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
      });
    }
  });
});

describe("the outputs", () => {
  const own = (synthesis: Synthesis) =>
    Object.keys(synthesis.servingTemplate.toJSON().Outputs).filter(
      (key) => !/^(Exports|Publish)Output/.test(key),
    );

  test("are those of the contract", () => {
    expect(own(keyed).sort()).toEqual(Object.keys(servingOutputs.shape).sort());
  });

  test("name no key where there is none", () => {
    expect(own(signed).sort()).toEqual(["ApiId", "ApiUrl"]);
  });
});

test("an API that is switched off leaves nothing of itself", () => {
  const off = synthesise({ models, api: { enabled: false }, archive: { enabled: false } });
  expect([...off.resources.values()].filter(({ Type }) => Type.startsWith("AWS::ApiGateway"))).toEqual([]);
  const functions = [...off.resources].filter(([, { Type }]) => Type === "AWS::Lambda::Function");
  expect(functions.filter(([id]) => /Server|Endpoint/.test(id))).toEqual([]);
  expect(JSON.stringify(off.servingTemplate.toJSON().Outputs)).not.toContain("Api");
});

/** Methods by `VERB /path`. */
function routesOf({ resources }: Synthesis): Map<string, Resource["Properties"]> {
  const pathOf = (id: string): string => {
    const { PathPart, ParentId } = resources.get(`serving/${id}`)!.Properties;
    return `${ParentId.Ref === undefined ? "" : pathOf(ParentId.Ref)}/${PathPart}`;
  };
  const methods = [...resources.values()].filter(({ Type }) => Type === "AWS::ApiGateway::Method");
  return new Map(
    methods.map(({ Properties }) => [
      `${Properties.HttpMethod} ${pathOf(Properties.ResourceId.Ref)}`,
      Properties,
    ]),
  );
}

function stageOf({ ofType }: Synthesis) {
  return ofType("AWS::ApiGateway::Stage")[0]!.Properties;
}

function keyOf({ resources }: Synthesis, type: string): string {
  const [[id] = [""]] = [...resources].filter(([, { Type }]) => Type === type);
  return id.replace(/^serving\//, "");
}

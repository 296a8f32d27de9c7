import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../aws-error.ts";
import { answerError } from "../error-answer.ts";
import { readRequestUrl } from "../request-url.ts";
import type { LocalService } from "../service.ts";
import type { RestApiSummary, RestApis } from "./rest-apis.ts";
import type { ApiKey, UsagePlans } from "./usage-plans.ts";

/**
 * The control plane, as far as scripts ask it: GetApiKeys, GetApiKey, GetRestApis, GetRestApi.
 *
 * Lists come whole, whatever page size is asked for. What exists is made by CloudFormation.
 */
export function createControlApi(apis: RestApis, usagePlans: UsagePlans): LocalService {
  function answer(request: IncomingMessage): unknown {
    const { pathname, searchParams } = readRequestUrl(request);
    const [, collection = "", id = "", ...below] = pathname.split("/").map(decodeURIComponent);
    switch ([request.method, collection, ...(id === "" ? [] : ["*"]), ...below].join(" ")) {
      case "GET apikeys": {
        const showsValue = searchParams.get("includeValues") === "true";
        const prefix = searchParams.get("name") ?? "";
        const found = usagePlans.apiKeys().filter(({ name }) => name.startsWith(prefix));
        return { item: found.map((key) => describeKey(key, showsValue)) };
      }
      case "GET apikeys *": {
        const key = usagePlans.apiKeys().find(({ apiKeyId }) => apiKeyId === id);
        if (key === undefined) throw notFound("API Key", id);
        return describeKey(key, searchParams.get("includeValue") === "true");
      }
      case "GET restapis":
        return { item: apis.restApis().map(describeApi) };
      case "GET restapis *": {
        const api = apis.restApis().find(({ apiId }) => apiId === id);
        if (api === undefined) throw notFound("API", id);
        return describeApi(api);
      }
      default: {
        const message = `${request.method} ${pathname}: the embedded API Gateway has GetApiKey, GetApiKeys, GetRestApi and GetRestApis; make APIs with CloudFormation`;
        throw new AwsError("NotImplementedException", message, 501);
      }
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = JSON.stringify(answer(request));
      response.setHeader("content-type", "application/json");
      response.end(body);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      answerError(request, response, { error, service: "apigateway" });
    }
  }
  return { signingNames: ["apigateway"], handle, close: async () => {} };
}

function describeKey(key: ApiKey, showsValue: boolean): unknown {
  return {
    id: key.apiKeyId,
    ...(showsValue && { value: key.value }),
    name: key.name,
    description: key.description,
    enabled: key.isEnabled,
    createdDate: epochSeconds(key.createdAt),
    lastUpdatedDate: epochSeconds(key.createdAt),
    stageKeys: [],
  };
}

function describeApi(api: RestApiSummary): unknown {
  return {
    id: api.apiId,
    name: api.name,
    description: api.description,
    createdDate: epochSeconds(api.createdAt),
    binaryMediaTypes: api.binaryMediaTypes,
    apiKeySource: "HEADER",
    endpointConfiguration: { types: ["REGIONAL"] },
    rootResourceId: api.rootResourceId,
  };
}

function epochSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

function notFound(what: string, id: string): AwsError {
  return new AwsError("NotFoundException", `Invalid ${what} identifier specified: ${id}`, 404);
}

import type { LocalService } from "../service.ts";
import { createControlApi } from "./control-api.ts";
import { createExecuteApi, type InvokeFunction } from "./execute-api.ts";
import { createRestApis, type RestApis } from "./rest-apis.ts";
import { createUsagePlans, type UsagePlans } from "./usage-plans.ts";

export interface ApiGatewayOptions {
  readonly invoke: InvokeFunction;
  /** Takes the reason of each answer that tells its caller none, e.g. 502. */
  readonly onLog?: (line: string) => void;
  /** Milliseconds since 1970; what throttles and quotas go by. @default Date.now */
  readonly now?: () => number;
}

export interface ApiGateway {
  readonly apis: RestApis;
  readonly usagePlans: UsagePlans;
  /** The control plane and the data plane. */
  readonly services: readonly LocalService[];
}

/** API Gateway (REST) of the embedded cloud, all in memory. */
export function createApiGateway({
  invoke,
  onLog = () => {},
  now = Date.now,
}: ApiGatewayOptions): ApiGateway {
  const apis = createRestApis(now);
  const usagePlans = createUsagePlans(now);
  return {
    apis,
    usagePlans,
    services: [
      createControlApi(apis, usagePlans),
      createExecuteApi({ apis, usagePlans, invoke, now, onLog }),
    ],
  };
}

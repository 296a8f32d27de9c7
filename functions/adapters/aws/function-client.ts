import type { FunctionConfiguration, UpdateFunctionConfigurationCommandInput } from "@aws-sdk/client-lambda";
import type { AwsAccess } from "./aws-access.ts";
import type { HttpMethod, HttpSender } from "./http-sender.ts";
import { jsonError, parseErrorBody } from "./json-error.ts";
import { createPlaceFinder } from "./service-place.ts";

/**
 * The calls of Lambda's configuration that the guard makes, without the SDK's client for all of it.
 *
 * A call throws a `JsonError` of Lambda's answer, and what the sender throws where there is none.
 */
export interface FunctionClient {
  getConfiguration(functionName: string): Promise<FunctionConfiguration>;
  /** What is not named stays as it is; of `Environment`, all variables are replaced. */
  updateConfiguration(
    functionName: string,
    change: Pick<UpdateFunctionConfigurationCommandInput, "Environment" | "RevisionId">,
  ): Promise<FunctionConfiguration>;
  /** Close the connections that are idle. */
  destroy(): void;
}

export interface FunctionClientOptions {
  readonly access: AwsAccess;
  readonly sender: HttpSender;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

interface Call {
  readonly method: HttpMethod;
  readonly functionName: string;
  /** Sent as JSON. @default nothing is sent */
  readonly body?: object;
}

/** @see Lambda API reference, `GetFunctionConfiguration` and `UpdateFunctionConfiguration` */
export function createFunctionClient(options: FunctionClientOptions): FunctionClient {
  const { access, sender, now = Date.now } = options;
  const findPlace = createPlaceFinder({ name: "LAMBDA", id: "lambda" }, access);

  return {
    getConfiguration: (functionName) => call({ method: "GET", functionName }),
    updateConfiguration: (functionName, body) => call({ method: "PUT", functionName, body }),
    destroy: () => sender.destroy(),
  };

  async function call({ method, functionName, body }: Call): Promise<FunctionConfiguration> {
    const { protocol, hostname, port, path: base, host, sign } = await findPlace();
    const path = `${base}2015-03-31/functions/${encodeURIComponent(functionName)}/configuration`;
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers: Record<string, string> =
      body === undefined ? { host } : { host, "content-type": "application/json" };
    const signed = sign({ method, path, headers, body: text, timeMs: now() }, await access.credentials());
    if (body !== undefined) signed["content-length"] = String(Buffer.byteLength(text));
    const answer = await sender.post({ method, protocol, hostname, port, path, headers: signed, body: text });
    if (answer.status === 200) return JSON.parse(answer.text) as FunctionConfiguration;
    throw jsonError("Lambda", answer, parseErrorBody(answer.text));
  }
}

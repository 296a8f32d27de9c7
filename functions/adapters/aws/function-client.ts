import type { FunctionConfiguration, UpdateFunctionConfigurationCommandInput } from "@aws-sdk/client-lambda";
import type { AwsAccess } from "./aws-access.ts";
import type { HttpAnswer, HttpMethod, HttpSender } from "./http-sender.ts";
import type { CallOptions } from "./json-caller.ts";
import { jsonError, parseErrorBody } from "./json-error.ts";
import { createPlaceFinder } from "./service-place.ts";

/**
 * The calls of Lambda that the functions make, without the SDK's client for all of it.
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
  /**
   * Invoke a function asynchronously: done once Lambda has queued the invocation.
   *
   * A request that met a closed connection is sent once more: the function may then be invoked twice.
   *
   * @param payload - JSON text, at most 1 MB.
   */
  invokeAsync(functionName: string, payload: string, options?: CallOptions): Promise<void>;
  /** Close the connections that are idle. */
  destroy(): void;
}

export interface FunctionClientOptions {
  readonly access: AwsAccess;
  readonly sender: HttpSender;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

interface Call extends CallOptions {
  readonly method: HttpMethod;
  readonly functionName: string;
  /** Of the function. */
  readonly part: "configuration" | "invocations";
  /** JSON text. @default nothing is sent */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What Lambda answers where it does as asked. */
  readonly expected: number;
}

/** @see Lambda API reference, `GetFunctionConfiguration`, `UpdateFunctionConfiguration` and `Invoke` */
export function createFunctionClient(options: FunctionClientOptions): FunctionClient {
  const { access, sender, now = Date.now } = options;
  const findPlace = createPlaceFinder({ name: "LAMBDA", id: "lambda" }, access);

  return {
    getConfiguration: (functionName) => configuration({ method: "GET", functionName }),
    updateConfiguration: (functionName, change) =>
      configuration({ method: "PUT", functionName, body: JSON.stringify(change) }),
    async invokeAsync(functionName, body, { abortSignal } = {}) {
      const headers = { "x-amz-invocation-type": "Event" };
      await call({
        ...{ method: "POST", functionName, part: "invocations", body, headers, abortSignal, expected: 202 },
      });
    },
    destroy: () => sender.destroy(),
  };

  async function configuration(of: Pick<Call, "method" | "functionName" | "body">) {
    const { text } = await call({ ...of, part: "configuration", expected: 200 });
    return JSON.parse(text) as FunctionConfiguration;
  }

  async function call({ method, functionName, part, body, expected, ...more }: Call): Promise<HttpAnswer> {
    const { protocol, hostname, port, path: base, host, sign } = await findPlace();
    const path = `${base}2015-03-31/functions/${encodeURIComponent(functionName)}/${part}`;
    const text = body ?? "";
    const headers: Record<string, string> = { ...more.headers, host };
    if (body !== undefined) headers["content-type"] = "application/json";
    const signed = sign({ method, path, headers, body: text, timeMs: now() }, await access.credentials());
    if (body !== undefined) signed["content-length"] = String(Buffer.byteLength(text));
    const answer = await sender.post({
      ...{ method, protocol, hostname, port, path, headers: signed, body: text },
      signal: more.abortSignal,
    });
    if (answer.status === expected) return answer;
    throw jsonError("Lambda", answer, parseErrorBody(answer.text));
  }
}

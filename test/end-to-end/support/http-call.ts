import type { Stage } from "./stage.ts";

/** What an HTTP call brought back. */
export interface Answer {
  readonly status: number;
  /** The body, as JSON. */
  readonly body: unknown;
  readonly text: string;
  readonly headers: Headers;
}

export interface CallOptions {
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string;
  /** @default POST with a body, else GET */
  readonly method?: string;
  /** None is sent for `undefined`, the stage's own otherwise. */
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const timeoutMs = 30_000;

/** Call the stage's API. @param path - with its leading slash, below the stage. */
export async function call(stage: Stage, path: string, options: CallOptions = {}): Promise<Answer> {
  const { body } = options;
  const apiKey = "apiKey" in options ? options.apiKey : stage.api.apiKey;
  const response = await fetch(`${stage.api.url}${path}`, {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(apiKey !== undefined && { "x-api-key": apiKey }),
      ...options.headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: jsonOf(text) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

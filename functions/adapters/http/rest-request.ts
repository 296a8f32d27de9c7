import type { APIGatewayProxyEvent } from "aws-lambda";
import { httpLimits } from "../../contract/http.ts";
import { InputError } from "../../core/errors.ts";

/** What routes get of a call beside its method, path and headers: Hono's bindings. */
export interface RestBindings {
  readonly event: APIGatewayProxyEvent;
  readonly requestId: string;
}

/**
 * The body of a call, as it came.
 *
 * @throws {InputError} `input.media_type` when it says to be something else than JSON, `input.too_large` above
 *   `httpLimits.bodyBytes`, before anything is decoded.
 */
export function readBody(event: APIGatewayProxyEvent): Buffer {
  assertAccepted(event);
  return Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body as text. @throws as `readBody` does, and `input.malformed` when it is not UTF-8. */
export function readText(event: APIGatewayProxyEvent): string {
  if (!event.isBase64Encoded) {
    // What Lambda hands over as text has been decoded already.
    assertAccepted(event);
    return event.body ?? "";
  }
  const bytes = readBody(event);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new InputError(
      "request body: got bytes that are not UTF-8, expected JSON text; encode it as UTF-8",
      {
        code: "input.malformed",
        cause,
      },
    );
  }
}

function assertAccepted(event: APIGatewayProxyEvent): void {
  assertJson(event);
  const bytes = Buffer.byteLength(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (bytes > httpLimits.bodyBytes) throw tooLarge();
}

/** No content type is JSON, as it is to API Gateway. */
function assertJson(event: APIGatewayProxyEvent): void {
  const type = headerOf(event, "content-type");
  const encoding = headerOf(event, "content-encoding");
  if (type !== undefined && !jsonType.test(type))
    throw unsupported("content type", "application/json in UTF-8");
  if (encoding !== undefined && !/^(identity)?$/i.test(encoding))
    throw unsupported("content encoding", "none");
}

const jsonType = /^\s*application\/(?:json|[a-z0-9.-]+\+json)\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*$/i;

/** The first value of a header, whatever the case of its name. @param name - in lower case. */
export function headerOf(
  { headers, multiValueHeaders }: APIGatewayProxyEvent,
  name: string,
): string | undefined {
  const single = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  if (single !== undefined) return single;
  return Object.entries(multiValueHeaders ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]?.[0];
}

function unsupported(what: string, expected: string): InputError {
  return new InputError(
    `request: got a body of another ${what}, expected ${expected}; set the header accordingly`,
    {
      code: "input.media_type",
    },
  );
}

function tooLarge(): InputError {
  return new InputError(
    `request body: got more than ${httpLimits.bodyBytes} bytes, expected at most that many; send it in several requests`,
    { code: "input.too_large", details: { maxBytes: httpLimits.bodyBytes } },
  );
}

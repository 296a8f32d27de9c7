import { validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";
import type { Answer } from "./gateway-answer.ts";
import { GatewayFault } from "./gateway-fault.ts";
import { isBinaryType, readMediaType } from "./media-type.ts";

/**
 * Read what a function answered to a Lambda proxy integration.
 *
 * No field is needed, the status is 200 by default, and no other field is allowed. `headers` and `multiValueHeaders`
 * are one list. A base64 body is decoded only for a caller whose first `Accept` type is binary to the API; others get
 * the base64 text.
 *
 * @param caller - `accept`: the caller's header.
 * @throws {GatewayFault} `DEFAULT_5XX` (502) when it is anything else.
 * @see API Gateway Developer Guide, "Output format of a Lambda function for proxy integration"
 */
export function readProxyResponse(
  payload: Buffer,
  caller: { readonly accept: string | undefined; readonly binaryMediaTypes: readonly string[] },
): Answer {
  const parsed = responseSchema.safeParse(parseJson(payload));
  if (!parsed.success) throw malformed(z.prettifyError(parsed.error));
  const { statusCode, body, isBase64Encoded } = parsed.data;
  const headers = mergeHeaders(parsed.data.headers ?? {}, parsed.data.multiValueHeaders ?? {});
  for (const [name, value] of headers) checkHeader(name, value);
  if (!headers.some(([name]) => name.toLowerCase() === "content-type"))
    headers.push(["content-type", "application/json"]);
  const accepted = readMediaType((caller.accept ?? "*/*").split(",", 1)[0] ?? "");
  const isDecoded = isBase64Encoded === true && isBinaryType(accepted, caller.binaryMediaTypes);
  return { statusCode, headers, body: Buffer.from(body ?? "", isDecoded ? "base64" : "utf8") };
}

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const responseSchema = z.strictObject({
  statusCode: z.preprocess(
    (given) => given ?? 200,
    z.coerce.number<number | string>().int().min(200).max(599),
  ),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch (cause) {
    throw malformed(String(cause));
  }
}

/** A pair that stands in both comes once. */
function mergeHeaders(
  single: Readonly<Record<string, string>>,
  multiple: Readonly<Record<string, readonly string[]>>,
): [string, string][] {
  const many = Object.entries(multiple).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  );
  const isRepeated = ([name, value]: readonly [string, string]) =>
    many.some(([other, same]) => other.toLowerCase() === name.toLowerCase() && same === value);
  const once = Object.entries(single).filter((pair) => !isRepeated(pair));
  return [...once, ...many].flatMap(([name, value]): [string, string][] => {
    const lower = name.toLowerCase();
    if (droppedHeaders.includes(lower)) return [];
    return [[remappedHeaders.includes(lower) ? `x-amzn-Remapped-${name}` : name, value]];
  });
}

/** What the gateway says itself is passed on under another name. */
const remappedHeaders = [
  ...["authorization", "connection", "content-length", "content-md5", "date", "host", "max-forwards"],
  ...["proxy-authenticate", "server", "user-agent", "www-authenticate"],
];
const droppedHeaders = ["keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

function checkHeader(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw malformed(String(cause));
  }
}

function malformed(reason: string): GatewayFault {
  return new GatewayFault("DEFAULT_5XX", { reason: `malformed Lambda proxy response: ${reason}` });
}

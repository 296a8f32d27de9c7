import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeProxyEvent, type ProxyEventInput } from "../../../../scripts/local/apigateway/proxy-event.ts";

type Event = Record<string, Record<string, unknown> | null>;

function eventOf(input: Partial<ProxyEventInput>, rawHeaders: readonly string[] = []): Event {
  const socket = { remoteAddress: "127.0.0.1", localPort: 4566 } as ProxyEventInput["request"]["socket"];
  return makeProxyEvent({
    request: { headers: {}, httpVersion: "1.1", method: "GET", rawHeaders: [...rawHeaders], socket },
    requestId: "request",
    extendedRequestId: "extended",
    traceId: "trace",
    apiId: "api",
    stageName: "prod",
    deploymentId: "deployment",
    resourceId: "resource",
    resourcePath: "/",
    path: "/",
    query: new URLSearchParams(),
    pathParameters: {},
    stageVariables: {},
    apiKey: undefined,
    body: Buffer.alloc(0),
    binaryMediaTypes: [],
    receivedAtMs: 0,
    ...input,
  }) as Event;
}

/** Back from the maps to pairs, sorted by name; values of one name keep their order. */
function pairsOf(multiple: Record<string, unknown> | null | undefined): string[][] {
  return Object.entries(multiple ?? {})
    .flatMap(([name, values]) => (values as string[]).map((value) => [name, value]))
    .toSorted(byName);
}

function byName([a = ""]: readonly string[], [b = ""]: readonly string[]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

describe("a proxy event", () => {
  it("has every query parameter, in order per name, and the last of each in the single map", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("a", "__proto__", "constructor", "0"),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 8 }), (pairs) => {
        const encoded = pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
        const event = eventOf({ query: new URLSearchParams(encoded) });
        expect(pairsOf(event.multiValueQueryStringParameters)).toEqual(pairs.toSorted(byName));
        const single = event.queryStringParameters ?? {};
        for (const [name, value] of new Map(pairs)) expect(single[name]).toBe(value);
      }),
    );
  });

  it("has every header but the connection's own, with the case in which it was sent", () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,8}$/).map((end) => `h-${end}`);
    const value = fc.stringMatching(/^[!-~]{1,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (pairs) => {
        const raw = ["Connection", "keep-alive", ...pairs.flat(), "Content-Length", "7"];
        const { multiValueHeaders, headers } = eventOf({}, raw);
        const own = pairsOf(multiValueHeaders).filter(([key]) => key?.startsWith("h-"));
        expect(own).toEqual(pairs.toSorted(byName));
        for (const [key, last] of new Map(pairs)) expect(headers?.[key]).toBe(last);
        expect(Object.keys(headers ?? {})).not.toContain("Connection");
        expect(Object.keys(headers ?? {})).not.toContain("Content-Length");
      }),
    );
  });

  it("says null where there is nothing", () => {
    expect(eventOf({})).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
      body: null,
    });
  });

  it.each([
    [["*/*"], "text/plain", true],
    [["image/*"], "image/PNG", true],
    [["image/*"], "text/plain", false],
    [["application/json"], undefined, true],
    [["application/octet-stream"], "application/octet-stream; v=1", true],
    [[], "application/octet-stream", false],
  ])(
    "with the binary types %j takes a body of the type %s as binary: %s",
    (binaryMediaTypes, type, isBinary) => {
      const request = { ...requestOf(type), rawHeaders: [] };
      const event = eventOf({ request, binaryMediaTypes, body: Buffer.from("body") });
      expect(event).toMatchObject({ isBase64Encoded: isBinary, body: isBinary ? "Ym9keQ==" : "body" });
    },
  );
});

function requestOf(contentType: string | undefined): ProxyEventInput["request"] {
  const socket = { remoteAddress: "127.0.0.1" } as ProxyEventInput["request"]["socket"];
  const headers = contentType === undefined ? {} : { "content-type": contentType };
  return { headers, httpVersion: "1.1", method: "POST", rawHeaders: [], socket };
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GatewayFault } from "../../../../scripts/local/apigateway/gateway-fault.ts";
import { readProxyResponse } from "../../../../scripts/local/apigateway/proxy-response.ts";

const caller = { accept: undefined, binaryMediaTypes: [] };
const read = (response: unknown) => readProxyResponse(Buffer.from(JSON.stringify(response)), caller);

describe("a proxy response", () => {
  it("may leave everything out", () => {
    expect(read({})).toEqual({
      statusCode: 200,
      headers: [["content-type", "application/json"]],
      body: Buffer.alloc(0),
    });
    expect(read({ statusCode: "404", headers: null, body: null }).statusCode).toBe(404);
  });

  it("lists the headers of both maps, a pair of both once, and names of the gateway's own anew", () => {
    const response = {
      headers: {
        "Content-Type": "text/plain",
        a: "1",
        n: 5,
        yes: true,
        Server: "mine",
        "Transfer-Encoding": "x",
      },
      multiValueHeaders: { A: ["1", "2"] },
    };
    expect(read(response).headers).toEqual([
      ["Content-Type", "text/plain"],
      ["n", "5"],
      ["yes", "true"],
      ["x-amzn-Remapped-Server", "mine"],
      ["A", "1"],
      ["A", "2"],
    ]);
  });

  it("carries any headers and any body", () => {
    const name = fc.stringMatching(/^h-[a-z]{1,5}$/);
    const value = fc.stringMatching(/^[!-~]{1,12}$/);
    const values = fc.uniqueArray(value, { minLength: 1, maxLength: 3 });
    const body = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(fc.dictionary(name, values, { noNullPrototype: true }), body, (multiValueHeaders, text) => {
        const answer = read({ multiValueHeaders, body: text });
        const own = answer.headers.filter(([key]) => key.startsWith("h-"));
        const sent = Object.entries(multiValueHeaders).flatMap(([key, all]) => all.map((one) => [key, one]));
        expect(own).toEqual(sent);
        expect(answer.body.toString()).toBe(text);
      }),
    );
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["a text", '"ok"'],
    ["another field", '{"status":200}'],
    ["a body that is no text", '{"body":{}}'],
    ["a status that is no number", '{"statusCode":"ok"}'],
    ["a status out of range", '{"statusCode":99}'],
    ["a fraction of a status", '{"statusCode":200.5}'],
    ["a header that is a list", '{"headers":{"a":["b"]}}'],
    ["a header name with a space", '{"headers":{"a b":"c"}}'],
    ["a header value with a line break", '{"headers":{"a":"b\\r\\nc: d"}}'],
  ])("is refused as malformed when it is or has %s", (_title, payload) => {
    const refuse = () => readProxyResponse(Buffer.from(payload), caller);
    expect(refuse).toThrow(GatewayFault);
    expect(refuse).toThrow(
      expect.objectContaining({
        type: "DEFAULT_5XX",
        reason: expect.stringMatching(/^malformed Lambda proxy response: ./),
      }),
    );
  });
});

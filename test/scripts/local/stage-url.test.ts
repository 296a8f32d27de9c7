import { describe, expect, it } from "vitest";
import { readServiceCall } from "../../../scripts/local/service-call.ts";
import { parseStageUrl } from "../../../scripts/local/stage-url.ts";

describe("the address of a stage", () => {
  it.each([
    ["/restapis/abc/prod/_user_request_/m/x%20y?a=1&a=2", "/m/x%20y", "a=1&a=2"],
    ["/restapis/abc/prod/_user_request_/", "/", ""],
    ["/restapis/abc/prod/_user_request_", "/", ""],
    ["/restapis/abc/prod/_user_request_?a=/b", "/", "a=%2Fb"],
    ["/restapis/abc/prod/_user_request_//m/", "//m/", ""],
  ])("%s has the path %s and the query %s", (url, path, query) => {
    const parsed = parseStageUrl(url);
    expect(parsed).toMatchObject({ apiId: "abc", stageName: "prod", path });
    expect(parsed?.query.toString()).toBe(query);
    expect(readServiceCall({ headers: {}, method: "GET", url })).toEqual({
      service: "execute-api",
      operation: "Invoke",
    });
  });

  it.each([
    "/restapis",
    "/restapis/abc",
    "/restapis/abc/stages/prod",
    "/restapis/abc/_user_request_/m",
    "/restapis/abc/prod/_user_request_x",
    "/bucket/restapis/abc/prod/_user_request_/m",
    "/bucket?x=/restapis/abc/prod/_user_request_/m",
  ])("is not %s", (url) => {
    expect(parseStageUrl(url)).toBeUndefined();
    expect(readServiceCall({ headers: {}, method: "GET", url })).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRouteTable, type Route } from "../../../../scripts/local/apigateway/route-table.ts";

function table(...routes: string[]) {
  return createRouteTable(routes.map(parseRoute));
}

function parseRoute(text: string): Route<string> {
  const [httpMethod = "", resourcePath = ""] = text.split(" ");
  return { httpMethod, resourcePath, method: text };
}

describe("a route table", () => {
  it("prefers a literal to a parameter to a greedy parameter, at each segment in turn", () => {
    const routes = table("GET /{any+}", "GET /{a}/x", "GET /m/{b+}", "GET /m/{b}", "GET /m/x");
    const chosen = ["/m/x", "/m/y", "/m/x/y", "/n/x", "/n/y"].map(
      (path) => routes.match("GET", path)?.method,
    );
    expect(chosen).toEqual(["GET /m/x", "GET /m/{b}", "GET /m/{b+}", "GET /{a}/x", "GET /{any+}"]);
  });

  it("prefers the method to ANY, and passes over a resource that has neither", () => {
    const routes = table("ANY /{any+}", "GET /m", "ANY /m/x", "POST /m/x");
    expect(routes.match("GET", "/m")?.method).toBe("GET /m");
    expect(routes.match("POST", "/m")?.method).toBe("ANY /{any+}");
    expect(routes.match("POST", "/m/x")?.method).toBe("POST /m/x");
    expect(routes.match("PUT", "/m/x")?.method).toBe("ANY /m/x");
  });

  it("decodes parameters, keeps what is no percent-encoding, and takes no empty one", () => {
    const routes = table("GET /m/{a}/{b+}", "GET /m/{a}");
    expect(routes.match("GET", "/m/%C3%A4%2F/x/%zz/y")?.pathParameters).toEqual({ a: "ä/", b: "x/%zz/y" });
    expect(routes.match("GET", "/m/__proto__")?.pathParameters).toHaveProperty("a", "__proto__");
    expect(routes.match("GET", "/m//x")).toBeUndefined();
    expect(routes.match("GET", "/m/")).toBeUndefined();
  });

  it("has the root, which no greedy parameter stands for", () => {
    expect(table("GET /").match("GET", "/")?.method).toBe("GET /");
    expect(table("GET /{any+}").match("GET", "/")).toBeUndefined();
  });

  it("chooses as one does who tries every route and ranks what fits", () => {
    const segment = fc.constantFrom("a", "b", "{x}");
    const resource = fc
      .tuple(fc.array(segment, { maxLength: 4 }), fc.boolean())
      .map(([segments, isGreedy]) => `/${[...segments, ...(isGreedy ? ["{r+}"] : [])].join("/")}`);
    const route = fc.tuple(fc.constantFrom("GET", "POST", "ANY"), resource).map((parts) => parts.join(" "));
    const routes = fc.uniqueArray(route, { maxLength: 12 });
    const path = fc
      .array(fc.constantFrom("a", "b", "c"), { maxLength: 5 })
      .map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(routes, path, fc.constantFrom("GET", "PUT"), (all, asked, method) => {
        expect(table(...all).match(method, asked)?.method).toBe(bruteForce(all, asked, method));
      }),
      { numRuns: 2000 },
    );
  });
});

/** Every route as a regular expression; ranks are compared as texts: 0 literal, 1 parameter, 2 greedy, then method. */
function bruteForce(routes: readonly string[], path: string, method: string): string | undefined {
  const ranked = routes.flatMap((text) => {
    const { httpMethod, resourcePath } = parseRoute(text);
    const pattern = resourcePath.replace("{r+}", ".+").replaceAll("{x}", "[^/]+");
    if (!new RegExp(`^${pattern}$`).test(path) || ![method, "ANY"].includes(httpMethod)) return [];
    const ranks = resourcePath
      .split("/")
      .slice(1)
      .map((part) => (part === "{r+}" ? 2 : part === "{x}" ? 1 : 0));
    return [{ text, rank: `${ranks.join("")}${httpMethod === "ANY" ? "b" : "a"}` }];
  });
  return ranked.toSorted((a, b) => (a.rank < b.rank ? -1 : 1))[0]?.text;
}

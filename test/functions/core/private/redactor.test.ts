import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../../../functions/core/private/redactor.ts";

const conceal = (text: string, path: string) => `<${path}:${text.length}>`;

function redact(paths: readonly string[], data: unknown, partitionKey = "key") {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data));
  return createRedactor(paths, conceal).redact({ partitionKey, data: bytes });
}

/** What is left of an event, parsed. */
function left(paths: readonly string[], event: unknown): unknown {
  return JSON.parse(String(redact(paths, event).data));
}

describe("createRedactor", () => {
  it("removes what stands at a path: a scalar, an object, a list", () => {
    expect(left(["a"], { a: 1, b: 2 })).toEqual({ b: 2 });
    expect(left(["a"], { a: { c: 1 }, b: 2 })).toEqual({ b: 2 });
    expect(left(["a"], { a: [1, 2], b: 2 })).toEqual({ b: 2 });
    expect(left(["a.c"], { a: { c: 1, d: 2 } })).toEqual({ a: { d: 2 } });
  });

  it("leads through lists into each of their elements, however nested", () => {
    const event = { cards: [{ number: 1, type: "v" }, "loose", null, [{ number: 2 }, { type: "m" }]] };
    expect(left(["cards.number"], event)).toEqual({
      cards: [{ type: "v" }, "loose", null, [{}, { type: "m" }]],
    });
  });

  it("tells which paths led to something, and the scalars that stood there", () => {
    const { removed, values } = redact(["none", "a.b", "list"], {
      a: { b: { c: "x", d: null } },
      list: [1, [true]],
    });
    expect(removed).toEqual(["a.b", "list"]);
    expect([...values]).toEqual(["x", 1, true]);
  });

  it("removes no inherited property and takes __proto__ for a key like any other", () => {
    const data = Buffer.from('{"__proto__": {"secret": 1, "open": 2}, "constructor": {"name": 3}}');
    expect(String(redact(["__proto__.secret", "toString"], data).data)).toBe(
      '{"__proto__":{"open":2},"constructor":{"name":3}}',
    );
    expect(String(redact(["__proto__"], data).data)).toBe('{"constructor":{"name":3}}');
    expect(redact(["constructor.name.length"], { a: 1 }).removed).toEqual([]);
    expect({}.constructor.name).toBe("Object");
  });

  it("leaves no trace of a key that stands twice, or is written with escapes", () => {
    const twice = Buffer.from('{"a":{"card":"4111"},"a":{},"card":1}');
    expect(String(redact(["a.card"], twice).data)).toBe('{"a":{},"card":1}');
    const escaped = Buffer.from('{"\\u0063ard":"4111","b":1}');
    expect(String(redact(["card"], escaped).data)).toBe('{"b":1}');
  });

  it("keeps the very bytes, unparsed, where nothing is private", () => {
    const data = Buffer.from('{ "a": 1.0, "a": 2 ');
    expect(redact([], data)).toEqual({ partitionKey: "key", data, removed: [], values: new Set() });
  });

  it("opens gzip and keeps plain JSON", () => {
    expect(left(["a"], gzipSync('{"a":1,"b":2}'))).toEqual({ b: 2 });
  });

  it.each([
    ["text", Buffer.from("card 4111"), /not JSON/],
    ["a list", Buffer.from('[{"card":"4111"}]'), /a list/],
    ["bytes", Buffer.from([0xff, 0xfe, 1]), /not UTF-8/],
    ["nothing", Buffer.alloc(0), /empty/],
    ["cut gzip", gzipSync('{"card":"4111"}').subarray(0, 20), /cannot be decompressed/],
    ["a bomb", gzipSync(Buffer.alloc(11 * 2 ** 20, 32)), /more than 10485760 bytes/],
    [
      "an abyss",
      Buffer.from(`{"card":${"[".repeat(200_000)}"4111"${"]".repeat(200_000)}}`),
      /nested too deep/,
    ],
  ])("tells of %s, which cannot be parsed, its length, its hash and the reason only", (_, data, reason) => {
    const { partitionKey, withheld, ...rest } = redact(["card"], data, "4111");
    expect(rest).toEqual({ removed: [], values: new Set() });
    expect(partitionKey).toBe("<card:4>");
    expect(withheld).toEqual({
      lengthBytes: data.length,
      sha256: createHash("sha256").update(data).digest("hex"),
      reason: expect.stringMatching(reason),
    });
    expect(JSON.stringify(withheld)).not.toContain("card");
  });

  it("conceals a partition key whose text is a private value, by the first path that has it", () => {
    const event = { id: "x", user: { name: "ada", number: 17, age: 1e21 }, again: "ada" };
    const keyOf = (key: string, paths = ["id", "user", "again"]) => redact(paths, event, key).partitionKey;
    expect(keyOf("ada")).toBe("<user:3>");
    expect(keyOf("ada", ["again", "user"])).toBe("<again:3>");
    expect(keyOf("ad")).toBe("ad");
    expect(keyOf("ada", ["id"])).toBe("ada");
    expect(["17", "17.0", "1.7e1", "1000000000000000000000"].map((key) => keyOf(key))).toEqual([
      "<user:2>",
      "<user:4>",
      "<user:5>",
      "<user:22>",
    ]);
  });

  it("conceals a number beyond 2^53 as the producer wrote it", () => {
    const data = Buffer.from('{"card":12345678901234567890}');
    expect(redact(["card"], data, "12345678901234567890").partitionKey).toBe("<card:20>");
  });

  it("leaves of any event exactly what no private path leads to", () => {
    const key = fc.constantFrom("a", "b", "c", "__proto__");
    const path = fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => keys.join("."));
    const { event } = fc.letrec((tie) => ({
      event: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(null, true, 1.5, "text"),
        fc.array(tie("value"), { maxLength: 3 }),
        tie("event"),
      ),
    }));
    fc.assert(
      fc.property(event, fc.uniqueArray(path, { minLength: 1, maxLength: 3 }), (given, paths) => {
        const json = JSON.stringify(given);
        const { data } = redact(paths, Buffer.from(json));
        expect(routesOf(JSON.parse(String(data)))).toEqual(
          routesOf(JSON.parse(json)).filter(
            ([route]) => !paths.some((each) => route === each || route.startsWith(`${each}.`)),
          ),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

/** Every value with the keys that lead to it, lists passed through: an oracle that removes nothing. */
function routesOf(value: unknown, keys: readonly string[] = []): [route: string, leaf: string][] {
  if (Array.isArray(value))
    return [[`${keys.join(".")}`, "list"], ...value.flatMap((each) => routesOf(each, keys))];
  if (value === null || typeof value !== "object") return [[keys.join("."), JSON.stringify(value)]];
  return [
    [keys.join("."), "object"],
    ...Object.entries(value).flatMap(([key, each]) => routesOf(each, [...keys, key])),
  ];
}

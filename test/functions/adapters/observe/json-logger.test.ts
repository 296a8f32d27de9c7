import { expect, it } from "vitest";
import { JsonLogger, type JsonLoggerOptions } from "../../../../functions/adapters/observe/json-logger.ts";
import { DependencyError } from "../../../../functions/core/errors.ts";

function gather(options: JsonLoggerOptions = {}) {
  const lines: string[] = [];
  const logger = new JsonLogger({ write: (line) => lines.push(line), now: () => 0, ...options });
  return { logger, lines, logged: () => lines.map((line) => JSON.parse(line)) };
}

it("writes one line per message, with the fields of logger, invocation and message", () => {
  const { logger, lines, logged } = gather({ fields: { model: "m" } });
  logger.requestId = "r-1";
  logger.info("published\nanew", { revision: 3n });
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  expect(logged()).toEqual([
    {
      timestamp: "1970-01-01T00:00:00.000Z",
      level: "INFO",
      message: "published\nanew",
      requestId: "r-1",
      model: "m",
      revision: "3",
    },
  ]);
});

it.each([
  ["debug", ["INFO", "WARN", "ERROR"]],
  ["warn", ["WARN", "ERROR"]],
  ["error", ["ERROR"]],
] as const)("writes nothing below its level, %s", (level, expected) => {
  const { logger, logged } = gather({ level });
  logger.info("a");
  logger.warn("b");
  logger.error("c");
  expect(logged().map((line) => line.level)).toEqual(expected);
});

it("says of an error and its causes what they are, but not what their details or a response carry", () => {
  const { logger, lines, logged } = gather();
  const response: { self?: unknown; body: string } = { body: "secret" };
  response.self = response;
  const cause = Object.assign(new Error("socket hang up"), { $response: response });
  logger.error("no model", {
    error: new DependencyError("s3: away", {
      code: "dependency.unavailable",
      details: { got: "secret" },
      cause,
    }),
  });
  expect(logged()[0].error).toMatchObject({
    name: "DependencyError",
    code: "dependency.unavailable",
    message: "s3: away",
    stack: expect.stringContaining("json-logger.test.ts"),
    cause: { name: "Error", message: "socket hang up" },
  });
  expect(lines[0]).not.toContain("secret");
});

import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import {
  endpointOverride,
  functionLogLevel,
  functionMemoryMiB,
  readEnv,
} from "../../../functions/adapters/env.ts";
import { streamEnv } from "../../../functions/contract/env.ts";
import type { HeadraceError } from "../../../functions/core/errors.ts";

const valid = {
  HEADRACE_STAGE: "dev",
  HEADRACE_MODEL: "m",
  HEADRACE_LEDGER_TABLE: "ledger",
  HEADRACE_MODELS_BUCKET: "models",
  HEADRACE_PREDICTIONS_TABLE: "table",
  HEADRACE_CACHE_TABLE: "cache",
  HEADRACE_TILES_TABLE: "tiles",
  HEADRACE_SKETCHES_TABLE: "sketches",
  HEADRACE_EVENTS_STREAM: "events",
  HEADRACE_PREDICTIONS_STREAM: "stream",
  HEADRACE_DATA_BUCKET: "data",
  HEADRACE_PREDICTION_DAYS: "30",
};

function problemsOf(source: Record<string, string | undefined>): unknown {
  try {
    readEnv(streamEnv, source);
  } catch (error) {
    expect(error).toMatchObject({ name: "ConfigError", code: "config.env", retryable: false });
    return (error as HeadraceError).details.problems;
  }
  throw new Error("expected an error");
}

describe("the environment", () => {
  it("is read as the schema says, and what is not in it is left out", () => {
    expect(readEnv(streamEnv, { ...valid, PATH: "/bin" })).toEqual(valid);
  });

  it("tells a variable that is not set from one that is empty and one that is wrong", () => {
    const days = "what must be a whole number of days from 1 to 9999";
    expect(problemsOf({ ...valid, HEADRACE_PREDICTION_DAYS: undefined })).toEqual([
      `HEADRACE_PREDICTION_DAYS: not set, expected ${days}`,
    ]);
    expect(problemsOf({ ...valid, HEADRACE_PREDICTION_DAYS: "" })).toEqual([
      `HEADRACE_PREDICTION_DAYS: empty, expected ${days}`,
    ]);
    expect(problemsOf({ ...valid, HEADRACE_PREDICTION_DAYS: "0" })).toEqual([
      `HEADRACE_PREDICTION_DAYS: got "0", expected ${days}`,
    ]);
  });

  it("names every problem at once", () => {
    expect(
      problemsOf({ ...valid, HEADRACE_STAGE: "test", HEADRACE_DATA_BUCKET: "", HEADRACE_MODEL: undefined }),
    ).toEqual([
      'HEADRACE_STAGE: got "test", expected one of dev, prod',
      expect.stringMatching(/^HEADRACE_MODEL: not set, expected /),
      "HEADRACE_DATA_BUCKET: empty, expected a text that is not empty",
    ]);
  });

  it("may leave out what is optional", () => {
    const schema = z.object({ A: z.optional(z.string()) });
    expect(readEnv(schema, {})).toEqual({});
    expect(readEnv(schema, { A: "" })).toEqual({ A: "" });
  });
});

describe("what Lambda says of the function", () => {
  it("is its memory, where it is one", () => {
    expect(functionMemoryMiB({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769" })).toBe(1769);
    expect(functionMemoryMiB({})).toBeUndefined();
  });

  it.each([
    [undefined, "info"],
    ["DEBUG", "debug"],
    ["TRACE", "debug"],
    ["WARN", "warn"],
    ["FATAL", "error"],
    ["nonsense", "info"],
  ])("is the log level: %s is %s", (text, level) => {
    expect(functionLogLevel({ AWS_LAMBDA_LOG_LEVEL: text })).toBe(level);
  });
});

it("sees an endpoint override for all services or for one, unless it is to be ignored", () => {
  expect(endpointOverride("S3", {})).toBeUndefined();
  expect(endpointOverride("S3", { AWS_ENDPOINT_URL: "" })).toBeUndefined();
  expect(endpointOverride("S3", { AWS_ENDPOINT_URL: "http://localhost:4566" })).toBe("http://localhost:4566");
  expect(endpointOverride("S3", { AWS_ENDPOINT_URL_S3: "http://localhost:4566" })).toBe(
    "http://localhost:4566",
  );
  expect(endpointOverride("S3", { AWS_ENDPOINT_URL_KINESIS: "http://localhost:4566" })).toBeUndefined();
  const ignored = { AWS_ENDPOINT_URL: "http://localhost:4566", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  expect(endpointOverride("S3", ignored)).toBeUndefined();
});

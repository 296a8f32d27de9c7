import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RootConstruct } from "constructs";
import { describe, expect, test } from "vitest";
import { type AppConfig, readConfig } from "../../../infra/config/read-config.ts";

function read(context: Record<string, unknown> = {}): AppConfig {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  return readConfig(node);
}

/** Read with one model named "m" that has these settings. */
function readModel(settings: unknown) {
  return read({ models: { m: settings } }).config.models.m!;
}

describe("the context", () => {
  test("may be empty: dev, aws, and the flight model with every default", () => {
    const { stage, target, config } = read();
    expect({ stage, target }).toEqual({ stage: "dev", target: "aws" });
    expect(config.models).toEqual({
      "flight-delay": {
        learning: {
          ...{ schedule: "cron(0 4 1,15 * ? *)", timezone: "UTC", flexibleMinutes: 60 },
          ...{ onDrift: true, coolDownHours: 48, mostPerMonth: 6, approval: false },
          ...{ checkSeconds: 3600, trainMemoryMiB: 3008, trainer: "builtIn" },
        },
        memoryMiB: 1769,
        timeoutSeconds: 60,
        stateful: true,
        architecture: "arm64",
        predictionDays: 30,
        consumer: "standard",
        eventSource: {
          batchSize: 10_000,
          windowSeconds: 0,
          parallelizationFactor: 1,
          bisectOnError: true,
          maxRecordAgeSeconds: 21_600,
          retryAttempts: -1,
          startingPosition: "TRIM_HORIZON",
        },
        predict: { memoryMiB: 1769, timeoutSeconds: 29 },
        alarms: {
          iteratorAgeSeconds: 300,
          rejectedRatio: 0.05,
          conflictingRatio: 0.05,
          challengerErrors: 10,
          predictLatencyMs: 1000,
        },
      },
    });
  });

  test("names its stage and target", () => {
    const { stage, target } = read({ stage: "prod", target: "local" });
    expect({ stage, target }).toEqual({ stage: "prod", target: "local" });
  });

  test.each([
    [{ stage: "staging" }, 'context "stage": got "staging", expected dev or prod; pass -c stage=dev'],
    [{ target: "" }, 'context "target": got "", expected aws or local; pass -c target=aws'],
    [{ build: 7 }, 'context "build": got 7, expected a path'],
  ])("is refused when it says %j", (context, message) => {
    expect(() => read(context)).toThrow(message);
  });

  test("replaces the models by JSON on the command line", () => {
    const { config } = read({ models: '{"dense": {"memoryMiB": 3538}, "trees": {}}' });
    expect(Object.keys(config.models)).toEqual(["dense", "trees"]);
    expect(config.models.dense!.memoryMiB).toBe(3538);
  });

  test("replaces the models by a JSON file", () => {
    const folder = mkdtempSync(join(tmpdir(), "headrace-models-"));
    try {
      writeFileSync(join(folder, "models.json"), '{"from-a-file": {}}');
      expect(Object.keys(read({ models: join(folder, "models.json") }).config.models)).toEqual([
        "from-a-file",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ["{not json", /context "models": got "\{not json", expected JSON or the path of a JSON file/],
    ["nowhere.json", /context "models": got "nowhere\.json", expected JSON or the path.*ENOENT/],
    ["[]", /context "models": got "\[\]"/],
    [{}, /models: got \{\}, expected at least one model/],
    [{ "Flight Delay": {} }, /models\.Flight Delay: got \{\}, must be lower-case letters/],
    [{ m: { memory: 1 } }, /models\.m: unknown key memory; fix .*context "models"/],
  ])("refuses the models %j", (models, message) => {
    expect(() => read({ models })).toThrow(message);
  });

  test("replaces the API's settings, and is told which of them are wrong", () => {
    expect(read({ api: '{"auth":"iam"}' }).config.api.auth).toBe("iam");
    expect(() => read({ api: '{"auth":"none"}' })).toThrow(/api\.auth: got "none".*fix .*context "api"/);
    expect(() => read({ api: "{" })).toThrow('context "api": got "{", expected JSON');
  });

  test("switches the archive off, or says how long it is kept", () => {
    expect(read({ archive: '{"enabled":false}' }).config.archive).toEqual({
      enabled: false,
      retentionDays: 400,
    });
    expect(read({ archive: { enabled: true, retentionDays: 7 } }).config.archive.retentionDays).toBe(7);
    expect(() => read({ archive: { retentionDays: 0 } })).toThrow(/archive\.retentionDays: got 0/);
  });

  test("is told every problem at once", () => {
    const models = { a: { memoryMiB: 64, timeoutSeconds: 901 }, b: { eventSource: { batchSize: "many" } } };
    expect(() => read({ models })).toThrow(
      /a\.memoryMiB: got 64.*a\.timeoutSeconds: got 901.*b\.eventSource\.batchSize: got "many"/,
    );
  });
});

describe("a model's settings", () => {
  test.each([
    ["memoryMiB", 128, 10_240],
    ["timeoutSeconds", 1, 900],
    ["predictionDays", 1, 9999],
  ])("%s goes from %i to %i", (key, least, greatest) => {
    for (const value of [least, greatest])
      expect(readModel({ [key]: value })).toMatchObject({ [key]: value });
    for (const value of [least - 1, greatest + 1, least + 0.5]) {
      expect(() => readModel({ [key]: value })).toThrow(`models.m.${key}: got ${value}`);
    }
  });

  test.each([
    ["memoryMiB", 128, 10_240],
    ["timeoutSeconds", 1, 29],
  ])("%s of its predict function goes from %i to %i", (key, least, greatest) => {
    for (const value of [least, greatest])
      expect(readModel({ predict: { [key]: value } }).predict).toMatchObject({ [key]: value });
    for (const value of [least - 1, greatest + 1, least + 0.5])
      expect(() => readModel({ predict: { [key]: value } })).toThrow(`predict.${key}: got ${value}`);
  });

  test.each([
    ["batchSize", 1, 10_000],
    ["windowSeconds", 0, 300],
    ["parallelizationFactor", 1, 10],
    ["retryAttempts", -1, 10_000],
  ])("Lambda's limits of %s are %i and %i", (key, least, greatest) => {
    const readSetting = (value: number) => readModel({ stateful: false, eventSource: { [key]: value } });
    for (const value of [least, greatest])
      expect(readSetting(value).eventSource).toMatchObject({ [key]: value });
    for (const value of [least - 1, greatest + 1, least + 0.5])
      expect(() => readSetting(value)).toThrow(`eventSource.${key}: got ${value}`);
  });

  test("one writer per shard is what a model gets, unless it says that it keeps no state", () => {
    const eventSource = { parallelizationFactor: 2 };
    expect(readModel({ stateful: false, eventSource }).eventSource.parallelizationFactor).toBe(2);
    expect(readModel({ stateful: true }).eventSource.parallelizationFactor).toBe(1);
    for (const settings of [{ eventSource }, { stateful: true, eventSource }]) {
      expect(() => readModel(settings)).toThrow(
        "models.m.eventSource.parallelizationFactor: got 2, expected 1: views and outcomes need one writer per shard; raise the number of shards, or set stateful: false",
      );
    }
  });

  test("a record's greatest age is at least a minute, and below the stream's retention of a day", () => {
    const readAge = (maxRecordAgeSeconds: number) =>
      readModel({ eventSource: { maxRecordAgeSeconds }, alarms: { iteratorAgeSeconds: 1 } });
    for (const age of [60, 86_399]) expect(readAge(age).eventSource.maxRecordAgeSeconds).toBe(age);
    expect(() => readAge(59)).toThrow("eventSource.maxRecordAgeSeconds: got 59");
    expect(() => readAge(86_400)).toThrow(
      "got 86400, expected less than the events stream's retention of 86400 s",
    );
    expect(() => readAge(604_801)).toThrow("got 604801");
    expect(() => readAge(-1)).toThrow("got -1");
  });

  test("the iterator alarm must go off before records are parked", () => {
    const readAlarm = (iteratorAgeSeconds: number) =>
      readModel({ eventSource: { maxRecordAgeSeconds: 600 }, alarms: { iteratorAgeSeconds } });
    expect(readAlarm(599).alarms.iteratorAgeSeconds).toBe(599);
    expect(() => readAlarm(600)).toThrow("alarms.iteratorAgeSeconds: got 600, expected less than");
  });

  test.each(["rejectedRatio", "conflictingRatio"])(
    "%s of 0 would always alarm, and one above 1 never",
    (key) => {
      for (const ratio of [0.001, 1])
        expect(readModel({ alarms: { [key]: ratio } }).alarms).toMatchObject({ [key]: ratio });
      for (const ratio of [0, 1.001]) expect(() => readModel({ alarms: { [key]: ratio } })).toThrow(key);
    },
  );

  test("a starting time belongs to AT_TIMESTAMP and to nothing else", () => {
    const at = { startingPosition: "AT_TIMESTAMP", startingTimestampSeconds: 980_899_200 };
    expect(readModel({ eventSource: at }).eventSource).toMatchObject(at);
    expect(() => readModel({ eventSource: { startingPosition: "AT_TIMESTAMP" } })).toThrow(
      "startingTimestampSeconds",
    );
    expect(() => readModel({ eventSource: { startingTimestampSeconds: 0 } })).toThrow(
      "startingTimestampSeconds",
    );
  });

  test("at least one concurrent execution can be reserved; none is no setting", () => {
    expect(readModel({ reservedConcurrency: 1 }).reservedConcurrency).toBe(1);
    expect(() => readModel({ reservedConcurrency: 0 })).toThrow("reservedConcurrency: got 0");
  });
});

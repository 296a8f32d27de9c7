import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({
    extraEnvironment: { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" },
    maxEnvironments: 2,
  });
});
afterAll(() => fixture.close());

/** Invoke and parse the answer. */
async function call(functionName: string, event: unknown = {}) {
  const result = await fixture.lambda.invoke(functionName, JSON.stringify(event));
  return { ...result, json: JSON.parse(result.payload.toString()) };
}

describe("a function that works", () => {
  it("gets the event and Lambda's context, and answers with its result", async () => {
    const { functionName, arn } = fixture.deploy(
      `exports.handler = async (event, context) => ({ event, ...context, remaining: context.getRemainingTimeInMillis() });`,
      { memoryMiB: 192, timeoutSeconds: 5 },
    );
    const { json, functionError, requestId, initDurationMs } = await call(functionName, { a: [1, "é"] });
    expect(functionError).toBeUndefined();
    expect(initDurationMs).toBeGreaterThan(0);
    expect(json).toMatchObject({
      event: { a: [1, "é"] },
      awsRequestId: requestId,
      functionName,
      functionVersion: "$LATEST",
      invokedFunctionArn: arn,
      memoryLimitInMB: "192",
      logGroupName: `/aws/lambda/${functionName}`,
    });
    expect(json.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    expect(json.remaining).toBeLessThanOrEqual(5000);
    expect(json.remaining).toBeGreaterThan(0);
  });

  it("answers null for nothing", async () => {
    const { functionName } = fixture.deploy("exports.handler = async () => {};");
    expect((await fixture.lambda.invoke(functionName, "")).payload.toString()).toBe("null");
  });

  it("keeps its process warm between invocations, and reports init once", async () => {
    const { functionName, arn } = fixture.deploy(
      "let count = 0; exports.handler = async () => ({ pid: process.pid, count: ++count });",
    );
    const first = await call(functionName);
    const second = await call(arn);
    const third = await call(`${functionName}:$LATEST`);
    expect([first.json.count, second.json.count, third.json.count]).toEqual([1, 2, 3]);
    expect(second.initDurationMs).toBeUndefined();
  });

  it("may be an ES module, with a top-level await and an export of another name", async () => {
    const { functionName } = fixture.deploy(
      {
        "app.mjs": "const one = await Promise.resolve(1); export const run = async (event) => event.n + one;",
      },
      { handler: "app.run" },
    );
    expect((await call(functionName, { n: 41 })).json).toBe(42);
  });

  it("may be an ES module by package type, in a folder of its own", async () => {
    const { functionName } = fixture.deploy(
      { "package.json": '{"type":"module"}', "src/app.js": "export const handler = () => import.meta.url;" },
      { handler: "src/app.handler" },
    );
    expect((await call(functionName)).json).toMatch(/src\/app\.js$/);
  });

  it("sees the template's variables, Lambda's own, the cloud's, and nothing of the host's but PATH", async () => {
    process.env.HEADRACE_HOST_SECRET = "leak";
    try {
      const { functionName } = fixture.deploy("exports.handler = async () => process.env;", {
        environment: { TABLE: "tiles", EMPTY: "" },
      });
      const { json } = await call(functionName);
      expect(json).toMatchObject({
        TABLE: "tiles",
        EMPTY: "",
        AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
        AWS_LAMBDA_FUNCTION_NAME: functionName,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
        AWS_REGION: "us-east-1",
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        _HANDLER: "index.handler",
        TZ: ":UTC",
        PATH: process.env.PATH,
      });
      expect(json).not.toHaveProperty("HEADRACE_HOST_SECRET");
      expect(json.HOME).toBe(json.TMPDIR);
      expect(Object.keys(json).filter((name) => !/^(AWS|_|LAMBDA)/.test(name))).toEqual(
        expect.arrayContaining(["TABLE", "EMPTY", "PATH", "HOME", "TMPDIR", "TZ", "NODE_PATH"]),
      );
    } finally {
      delete process.env.HEADRACE_HOST_SECRET;
    }
  });

  it("finds the modules of its layers, the later layer first, and none of the project's", async () => {
    const layer = (name: string, text: string) =>
      fixture.folder({
        [`nodejs/node_modules/${name}/index.js`]: `module.exports = ${JSON.stringify(text)};`,
      });
    const { functionName } = fixture.deploy(
      `exports.handler = async () => {
        let vitest; try { vitest = require.resolve("vitest"); } catch { vitest = "absent"; }
        return [require("only-in-first"), require("in-both"), vitest];
      };`,
      {
        layerDirectories: [
          fixture.folder({
            "nodejs/node_modules/only-in-first/index.js": 'module.exports = "first";',
            "nodejs/node_modules/in-both/index.js": 'module.exports = "from the first";',
          }),
          layer("in-both", "from the second"),
        ],
      },
    );
    expect((await call(functionName)).json).toEqual(["first", "from the second", "absent"]);
  });

  it("finds nothing that merely stands beside its code", async () => {
    const project = fixture.folder({
      "node_modules/beside/index.js": "module.exports = 1;",
      "asset/index.js": `exports.handler = async () => { try { return require("beside"); } catch ({ code }) { return code; } };`,
    });
    const { functionName } = fixture.deploy("", { codeDirectory: `${project}/asset` });
    expect((await call(functionName)).json).toBe("MODULE_NOT_FOUND");
  });

  it("has a temporary folder for itself, which ends with it", async () => {
    const { functionName } = fixture.deploy(
      `exports.handler = async () => { require("fs").writeFileSync(require("os").tmpdir() + "/x", ""); return process.env.TMPDIR; };`,
    );
    const { json } = await call(functionName);
    expect(readdirSync(json)).toEqual(["x"]);
    await fixture.lambda.deleteFunction(functionName);
    expect(() => readdirSync(json)).toThrow("ENOENT");
  });
});

describe("a function that fails", () => {
  it("reports what the handler threw", async () => {
    const { functionName } = fixture.deploy(
      'exports.handler = async () => { throw new RangeError("too far"); };',
    );
    const { json, functionError } = await call(functionName);
    expect(functionError).toBe("Unhandled");
    expect(json).toMatchObject({ errorType: "RangeError", errorMessage: "too far" });
    expect(json.trace[0]).toBe("RangeError: too far");
    expect(json.trace[1]).toContain("index.js:1");
  });

  it.each([
    [
      "Runtime.ImportModuleError",
      "Cannot find module 'not-there'",
      'require("not-there"); exports.handler = async () => 1;',
    ],
    ["Runtime.UserCodeSyntaxError", "SyntaxError", "exports.handler = async ( => 1;"],
    ["Runtime.HandlerNotFound", "index.handler is undefined or not exported", "exports.other = 1;"],
    [
      "Runtime.CallbackHandlerDeprecated",
      "callback",
      "exports.handler = (event, context, callback) => callback(null, 1);",
    ],
    ["TypeError", "at load", 'throw new TypeError("at load");'],
  ])("reports %s from init, at every invocation", async (errorType, message, code) => {
    const { functionName } = fixture.deploy(code);
    for (let time = 0; time < 2; time += 1) {
      const { json, functionError } = await call(functionName);
      expect(functionError).toBe("Unhandled");
      expect(json).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
    }
  });

  it("reports a missing handler file as Lambda does", async () => {
    const { functionName } = fixture.deploy("", { handler: "nowhere.handler" });
    expect((await call(functionName)).json).toMatchObject({
      errorType: "Runtime.ImportModuleError",
      errorMessage: "Error: Cannot find module 'nowhere'",
    });
  });

  it("is killed at its timeout, and has a new process next time", async () => {
    const { functionName } = fixture.deploy(
      "exports.handler = async ({ hang }) => hang ? new Promise(() => setInterval(() => {}, 50)) : process.pid;",
      { timeoutSeconds: 1 },
    );
    const before = await call(functionName, {});
    const { json, functionError, requestId } = await call(functionName, { hang: true });
    expect(functionError).toBe("Unhandled");
    expect(json).toEqual({
      errorMessage: expect.stringMatching(
        new RegExp(`^\\d{4}-.*Z ${requestId} Task timed out after 1\\.00 seconds$`),
      ),
    });
    expect((await call(functionName, {})).json).not.toBe(before.json);
  });

  it("is killed at its timeout even when it blocks the event loop", async () => {
    const { functionName } = fixture.deploy("exports.handler = async () => { for (;;) {} };", {
      timeoutSeconds: 1,
    });
    expect((await call(functionName)).json.errorMessage).toContain("Task timed out after 1.00 seconds");
  });

  it.each([
    ["process.exit(3)", "Runtime exited with error: exit status 3"],
    ["process.exit(0)", "Runtime exited without providing a reason"],
    ['process.kill(process.pid, "SIGKILL")', "Runtime exited with error: signal: killed"],
  ])("reports a crash by %s, and works again after it", async (crash, message) => {
    const { functionName } = fixture.deploy(
      `exports.handler = async ({ crash }) => { if (crash) { ${crash}; await new Promise(() => {}); } return "fine"; };`,
    );
    const { json, functionError, requestId } = await call(functionName, { crash: true });
    expect(functionError).toBe("Unhandled");
    expect(json).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${requestId} Error: ${message}`,
    });
    expect((await call(functionName)).json).toBe("fine");
  });

  it("reports an exception outside the handler's promise", async () => {
    const { functionName } = fixture.deploy(
      'exports.handler = () => new Promise(() => setTimeout(() => { throw new Error("later"); }, 1));',
    );
    expect((await call(functionName)).json).toMatchObject({ errorType: "Error", errorMessage: "later" });
  });

  it("reports a rejection that nobody handles", async () => {
    const { functionName } = fixture.deploy(
      'exports.handler = () => new Promise(() => { Promise.reject(new Error("alone")); });',
    );
    expect((await call(functionName)).json).toMatchObject({
      errorType: "Runtime.UnhandledPromiseRejection",
      errorMessage: "Error: alone",
    });
  });

  it.runIf(process.platform === "linux")("is killed above its memory", async () => {
    const { functionName } = fixture.deploy(
      `const kept = [];
       exports.handler = async () => { for (;;) { kept.push(Buffer.alloc(8 << 20, 1)); await new Promise((r) => setTimeout(r, 5)); } };`,
      { memoryMiB: 128 },
    );
    const { json } = await call(functionName);
    expect(json.errorMessage).toContain("Runtime exited with error: signal: killed");
  });

  it("dies of a full heap without harm to the next invocation", async () => {
    const { functionName } = fixture.deploy(
      `exports.handler = async ({ fill }) => { const kept = []; while (fill) kept.push(new Array(1000).fill({}).map(() => ({}))); return "fine"; };`,
      { memoryMiB: 128, timeoutSeconds: 20 },
    );
    const { json } = await call(functionName, { fill: true });
    expect(json.errorMessage).toMatch(/Runtime exited with error: signal: (aborted|killed)|exit status 134/);
    expect((await call(functionName)).json).toBe("fine");
  });

  it("cannot answer with more than 6 MB, nor be asked with more", async () => {
    const { functionName } = fixture.deploy('exports.handler = async ({ n }) => "x".repeat(n);');
    const { json, functionError } = await call(functionName, { n: 6_291_556 - 1 });
    expect(functionError).toBe("Unhandled");
    expect(json.errorType).toBe("Function.ResponseSizeTooLarge");
    expect((await call(functionName, { n: 6_291_556 - 2 })).json).toHaveLength(6_291_554);
    await expect(fixture.lambda.invoke(functionName, " ".repeat(6 * 1024 * 1024 + 1))).rejects.toMatchObject({
      code: "RequestEntityTooLargeException",
      httpStatus: 413,
    });
  });
});

describe("concurrency", () => {
  const slow =
    "exports.handler = async () => { await new Promise((r) => setTimeout(r, 150)); return process.pid; };";

  it("runs on as many environments as allowed and queues the rest", async () => {
    const { functionName } = fixture.deploy(slow);
    const results = await Promise.all(Array.from({ length: 6 }, () => call(functionName)));
    expect(new Set(results.map(({ json }) => json)).size).toBe(2);
  });

  it("throttles above the reserved concurrency", async () => {
    const { functionName } = fixture.deploy(slow, { reservedConcurrency: 1 });
    const running = call(functionName);
    await expect(call(functionName)).rejects.toMatchObject({
      code: "TooManyRequestsException",
      httpStatus: 429,
    });
    await running;
    expect(typeof (await call(functionName)).json).toBe("number");
    expect(
      fixture.lambda.metrics.sum({
        namespace: "AWS/Lambda",
        metric: "Throttles",
        dimensions: { FunctionName: functionName },
      }),
    ).toBe(1);
  });

  it("replaces environments on an update and lets the running call finish on the old one", async () => {
    const config = fixture.deploy(
      "exports.handler = async ({ wait }) => { await new Promise((r) => setTimeout(r, wait ?? 0)); return process.env.COLOUR; };",
      { environment: { COLOUR: "red" } },
    );
    const running = call(config.functionName, { wait: 300 });
    // The running call has to be under way before the update; the second environment is only started by then.
    await call(config.functionName);
    fixture.lambda.updateFunction({ ...config, environment: { COLOUR: "blue" } });
    expect((await call(config.functionName)).json).toBe("blue");
    expect((await running).json).toBe("red");
    expect((await call(config.functionName)).json).toBe("blue");
  });

  it("retries a failed asynchronous invocation twice", async () => {
    const own = await startFixture({ asyncRetryDelaysMs: [1, 1] });
    try {
      const { functionName } = own.deploy(
        'exports.handler = async () => { console.log("tried"); throw new Error("no"); };',
      );
      own.lambda.invokeAsync(functionName, "{}");
      await own.lambda.idle();
      expect(own.lambda.logs(functionName).filter((line) => line === "tried")).toHaveLength(3);
    } finally {
      await own.close();
    }
  });

  it("ends idle environments", async () => {
    const own = await startFixture({ idleTimeoutMs: 20 });
    try {
      const { functionName } = own.deploy("exports.handler = async () => process.pid;");
      const pid = Number((await own.lambda.invoke(functionName, "{}")).payload);
      await expect.poll(() => isRunning(pid)).toBe(false);
    } finally {
      await own.close();
    }
  });
});

describe("logs and metrics", () => {
  it("keeps the function's lines and gives their end with the result", async () => {
    const { functionName } = fixture.deploy(
      'exports.handler = async () => { console.log("to stdout"); console.error("to stderr"); process.stdout.write("no newline, é"); };',
    );
    const { logTail, requestId } = await call(functionName);
    expect(fixture.lambda.logs(functionName)).toEqual(expect.arrayContaining(["to stdout", "to stderr"]));
    const lines = logTail.split("\n");
    expect(lines[0]).toBe(`START RequestId: ${requestId} Version: $LATEST`);
    expect(lines).toEqual(expect.arrayContaining(["to stdout", "to stderr", `END RequestId: ${requestId}`]));
    expect(logTail).toMatch(/REPORT RequestId: .*\tDuration: [\d.]+ ms\t.*Init Duration/);
  });

  it("turns EMF lines into metrics, and counts invocations, errors and durations", async () => {
    const emf = {
      _aws: {
        Timestamp: 1000,
        CloudWatchMetrics: [
          { Namespace: "App", Dimensions: [["model"]], Metrics: [{ Name: "rows", Unit: "Count" }] },
        ],
      },
      model: "m",
      rows: 7,
    };
    const { functionName } = fixture.deploy(
      `exports.handler = async ({ fail }) => { console.log(${JSON.stringify(JSON.stringify(emf))}); if (fail) throw new Error("x"); };`,
    );
    await call(functionName);
    await call(functionName, { fail: true });
    const { metrics } = fixture.lambda;
    expect(metrics.sum({ namespace: "App", metric: "rows", dimensions: { model: "m" } })).toBe(14);
    const own = (metric: string) => ({
      namespace: "AWS/Lambda",
      metric,
      dimensions: { FunctionName: functionName },
    });
    expect(metrics.sum(own("Invocations"))).toBe(2);
    expect(metrics.sum(own("Errors"))).toBe(1);
    expect(metrics.count(own("Duration"))).toBe(2);
    expect(metrics.last(own("ConcurrentExecutions"))).toBe(1);
  });
});

describe("the life of a function", () => {
  it("refuses settings that Lambda refuses, naming every one", () => {
    expect(() =>
      fixture.deploy("", {
        runtime: "python3.13",
        timeoutSeconds: 901,
        memoryMiB: 64,
        environment: { AWS_REGION: "x" },
      }),
    ).toThrow(/runtime: got "python3\.13".*timeout: got 901.*memory: got 64.*AWS_REGION/s);
  });

  it("is unknown before it is created and after it is deleted", async () => {
    await expect(call("never")).rejects.toMatchObject({ code: "ResourceNotFoundException", httpStatus: 404 });
    const config = fixture.deploy("exports.handler = async () => 1;");
    expect(() => fixture.lambda.createFunction(config)).toThrow("already exist");
    await fixture.lambda.deleteFunction(config.functionName);
    await expect(call(config.functionName)).rejects.toMatchObject({ code: "ResourceNotFoundException" });
  });

  it("leaves no process and no folder behind when the cloud closes, even in the middle of a call", async () => {
    const own = await startFixture();
    const { functionName } = own.deploy(
      `exports.handler = async ({ hang }) => {
        if (!hang) return [process.pid, process.env.LAMBDA_TASK_ROOT];
        console.log("hanging");
        return new Promise(() => setInterval(() => {}, 1000));
      };`,
    );
    const [pid, taskRoot] = JSON.parse((await own.lambda.invoke(functionName, "{}")).payload.toString());
    const hanging = own.lambda.invoke(functionName, '{"hang":true}');
    await expect.poll(() => own.lambda.logs(functionName)).toContain("hanging");
    await own.close();
    expect((await hanging).functionError).toBe("Unhandled");
    expect(isRunning(pid)).toBe(false);
    expect(taskRoot.startsWith(tmpdir())).toBe(true);
    expect(() => readdirSync(taskRoot)).toThrow("ENOENT");
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// The runtime inside an execution environment: loads the handler and speaks the Lambda Runtime API (2018-06-01).
// Plain CommonJS, because node loads it straight from disk: no loader of the host reaches into a function's process.
"use strict";
const http = require("node:http");
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const [hostPort, ...prefix] = process.env.AWS_LAMBDA_RUNTIME_API.split("/");
const [host, port] = hostPort.split(":");
const basePath = `/${[...prefix, "2018-06-01", "runtime"].join("/")}`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let currentRequestId;

process.on("uncaughtException", (error) => die(describe(error), 129));
process.on("unhandledRejection", (reason) =>
  die(
    { ...describe(reason), errorType: "Runtime.UnhandledPromiseRejection", errorMessage: String(reason) },
    128,
  ),
);
main().catch((error) => {
  // The host is gone or refuses us: nothing is left to serve.
  process.stderr.write(`runtime: ${error?.stack ?? error}\n`);
  process.exit(1);
});

async function main() {
  let handler;
  try {
    handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  } catch (error) {
    await call("POST", "/init/error", JSON.stringify(describe(error)));
    process.exit(1);
  }
  for (;;) {
    const next = await call("GET", "/invocation/next");
    currentRequestId = next.headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"];
    let verb = "response";
    let body;
    try {
      const result = await handler(JSON.parse(next.body), contextOf(next.headers));
      body = stringify(result);
    } catch (error) {
      verb = "error";
      body = JSON.stringify(describe(error));
    }
    const requestId = currentRequestId;
    currentRequestId = undefined;
    await call("POST", `/invocation/${requestId}/${verb}`, body);
  }
}

function contextOf(headers) {
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

async function loadHandler(taskRoot, handlerName) {
  const match = /^(.*?)\.([^./\\]+(?:\.[^./\\]+)*)$/.exec(path.basename(handlerName));
  if (!match)
    throw typed("Runtime.MalformedHandlerName", `Bad handler: "${handlerName}", expected "file.export"`);
  const base = path.resolve(taskRoot, path.dirname(handlerName), match[1]);
  let exported = await importModule(base);
  for (const name of match[2].split(".")) exported = exported?.[name] ?? exported?.default?.[name];
  if (exported === undefined) {
    throw typed("Runtime.HandlerNotFound", `${handlerName} is undefined or not exported`);
  }
  if (typeof exported !== "function")
    throw typed("Runtime.HandlerNotFound", `${handlerName} is not a function`);
  if (exported.length >= 3) {
    throw typed(
      "Runtime.CallbackHandlerDeprecated",
      `${handlerName} takes a callback, which nodejs24.x no longer supports; return a promise instead`,
    );
  }
  return exported;
}

async function importModule(base) {
  const file = [".js", ".mjs", ".cjs"]
    .map((extension) => base + extension)
    .find((name) => fs.existsSync(name));
  try {
    if (file === undefined) {
      throw Object.assign(new Error(`Cannot find module '${path.basename(base)}'`), {
        code: "MODULE_NOT_FOUND",
      });
    }
    return file.endsWith(".mjs") ? await import(pathToFileURL(file)) : await requireModule(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw typed("Runtime.UserCodeSyntaxError", String(error), error);
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      throw typed("Runtime.ImportModuleError", String(error), error);
    }
    throw error;
  }
}

async function requireModule(file) {
  try {
    return require(file);
  } catch (error) {
    if (error?.code !== "ERR_REQUIRE_ASYNC_MODULE" && error?.code !== "ERR_REQUIRE_ESM") throw error;
    return import(pathToFileURL(file));
  }
}

function stringify(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch (cause) {
    throw new Error("Unable to stringify response body", { cause });
  }
}

function typed(errorType, message, cause) {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  error.name = errorType;
  return error;
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const trace = (error.cause instanceof Error && error.name.startsWith("Runtime.") ? error.cause : error)
    .stack;
  return { errorType: error.name, errorMessage: error.message, trace: String(trace ?? error).split("\n") };
}

function die(description, exitCode) {
  process.stderr.write(`${JSON.stringify(description)}\n`);
  const route = currentRequestId === undefined ? "/init/error" : `/invocation/${currentRequestId}/error`;
  // A socket of its own: the keep-alive one may be held by a pending `next`.
  call("POST", route, JSON.stringify(description), new http.Agent()).then(
    () => process.exit(exitCode),
    () => process.exit(exitCode),
  );
}

function call(method, route, body, withAgent = agent) {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request(
      { host, port, method, path: basePath + route, agent: withAgent, headers },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          // 413: the host has already turned the oversized response into a function error.
          if (response.statusCode < 300 || response.statusCode === 413)
            resolve({ headers: response.headers, body: text });
          else reject(new Error(`${method} ${route}: ${response.statusCode} ${text}`));
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FunctionConfig } from "../../../../scripts/local/lambda/function-config.ts";
import {
  createLambda,
  type LambdaOptions,
  type LambdaService,
} from "../../../../scripts/local/lambda/lambda.ts";
import { MemoryFailureDestination } from "./memory-failure-destination.ts";
import { MemoryKinesis } from "./memory-kinesis.ts";

/** A Lambda to test with, and folders for its functions; `close` ends the processes and removes the folders. */
export interface Fixture {
  readonly lambda: LambdaService;
  readonly kinesis: MemoryKinesis;
  readonly destination: MemoryFailureDestination;
  /** Write files into a new folder; keys are paths. */
  folder(files: Readonly<Record<string, string>>): string;
  /** Deploy a function whose `index.js` is `code`, or whose files are given. */
  deploy(code: string | Readonly<Record<string, string>>, config?: Partial<FunctionConfig>): FunctionConfig;
  close(): Promise<void>;
}

export async function startFixture(options: Partial<LambdaOptions> = {}): Promise<Fixture> {
  const root = mkdtempSync(join(tmpdir(), "headrace-lambda-test-"));
  const kinesis = new MemoryKinesis();
  const destination = new MemoryFailureDestination();
  const lambda = await createLambda({ kinesis, failureDestination: destination, ...options });
  let count = 0;
  const folder: Fixture["folder"] = (files) => {
    count += 1;
    const directory = join(root, String(count));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return directory;
  };
  return {
    lambda,
    kinesis,
    destination,
    folder,
    deploy(code, overrides = {}) {
      const codeDirectory = folder(typeof code === "string" ? { "index.js": code } : code);
      const functionName = overrides.functionName ?? `function-${count}`;
      const config: FunctionConfig = {
        functionName,
        arn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
        codeDirectory,
        layerDirectories: [],
        handler: "index.handler",
        runtime: "nodejs24.x",
        architecture: process.arch === "arm64" ? "arm64" : "x86_64",
        timeoutSeconds: 10,
        memoryMiB: 256,
        environment: {},
        ...overrides,
      };
      lambda.createFunction(config);
      return config;
    },
    async close() {
      await lambda.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

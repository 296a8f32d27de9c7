import { spawnSync } from "node:child_process";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSourceStack } from "../../../functions/adapters/observe/source-stack.ts";
import { listFiles } from "../../../scripts/build/directory.ts";
import { buildFunctions, type FunctionBuild } from "../../../scripts/build/functions.ts";
import { createBuildRoot, repositoryRoot } from "./build-root.ts";

/** Names are API, so they must survive minification; so must the stack, by the source map. */
const failing = `
  import * as errors from "../core/errors.ts";
  export const names = Object.entries(errors)
    .filter(([, each]) => typeof each === "function")
    .map(([name, Each]) => [name, new (Each as any)("message", { code: "bug" }).name]);
  export const handler = async () => {
    throw new errors.ModelRunError("failed", { code: "run.failed" });
  };
`;
const storing = `
  import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
  const client = new S3Client({});
  export const handler = (event: { key: string }) => client.send(new GetObjectCommand({ Bucket: "b", Key: event.key }));
`;

let built: Awaited<ReturnType<typeof createBuildRoot>>;
let builds: Readonly<Record<string, FunctionBuild>>;

beforeAll(async () => {
  built = await createBuildRoot({
    "functions/failing/handler.ts": failing,
    "functions/storing/handler.ts": storing,
    "functions/library/not-a-handler.ts": "export const handler = 1;",
  });
  builds = Object.fromEntries((await buildFunctions(built.root)).map((build) => [build.name, build]));
});

afterAll(() => built.remove());

function evaluate(directory: string, program: string) {
  const child = spawnSync(
    process.execPath,
    ["--eval", `const bundle = require(process.argv[1]); ${program}`, directory],
    { cwd: tmpdir(), env: { AWS_REGION: "eu-west-1" }, encoding: "utf8" },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  return child.stdout;
}

test("a folder with a handler becomes a function; libraries do not", () => {
  expect(Object.keys(builds)).toEqual(["failing", "storing"]);
});

test("every error keeps its name through minification", () => {
  const names = JSON.parse(evaluate(builds.failing!.directory, "console.log(JSON.stringify(bundle.names))"));
  expect(names.length).toBeGreaterThan(5);
  for (const [exported, name] of names) expect(name).toBe(exported);
});

test("a stack names the source file and line", () => {
  const program = "bundle.handler().catch((error) => console.log(error.stack))";
  const { directory } = builds.failing!;
  const sourceStack = createSourceStack(join(directory, "index.js"));
  expect(sourceStack(evaluate(directory, program))).toMatch(/functions\/failing\/handler\.ts:7:\d+/);
  expect(createSourceStack("/elsewhere/index.js")("Error: x\n    at /elsewhere/index.js:1:2")).toContain(
    "/elsewhere/index.js:1:2",
  );
});

test("the AWS SDK is in the bundle, which needs nothing else", () => {
  expect(evaluate(builds.storing!.directory, "console.log(typeof bundle.handler)")).toBe("function\n");
  expect(builds.storing!.bundleBytes).toBeLessThan(600_000);
});

test("the SDK's files are not mapped, so the source map is small beside the bundle", async () => {
  const { directory, bundleBytes } = builds.storing!;
  expect((await stat(join(directory, "index.js.map"))).size).toBeLessThan(0.4 * bundleBytes);
});

describe.each(["failing", "storing"])("the asset of %s", (name) => {
  test("is the bundle, its source map and the notices", async () => {
    expect(await listFiles(builds[name]!.directory)).toEqual([
      "THIRD-PARTY-NOTICES.txt",
      "index.js",
      "index.js.map",
    ]);
  });

  test("tells no path of the machine it was built on", async () => {
    const text = await readFile(join(builds[name]!.directory, "index.js"), "utf8");
    const paths = [built.root, repositoryRoot, tmpdir(), homedir(), "node_modules"];
    expect(paths.filter((path) => text.includes(path))).toEqual([]);
  });

  test("has a source map of our own and others' files by relative path, without their text", async () => {
    const map = JSON.parse(await readFile(join(builds[name]!.directory, "index.js.map"), "utf8"));
    expect(map.sources.length).toBeGreaterThan(0);
    expect(map.sources.filter((source: string) => !source.startsWith("../../../"))).toEqual([]);
    expect(map.sourcesContent).toBeUndefined();
  });
});

test("the notices name every package in the bundle with its licence, and none that is not", async () => {
  const notices = (name: string) =>
    readFile(join(builds[name]!.directory, "THIRD-PARTY-NOTICES.txt"), "utf8");
  expect(await notices("storing")).toMatch(/^@aws-sdk\/client-s3 \d+\.\d+\.\d+ \(Apache-2\.0\)$/m);
  expect(await notices("storing")).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
  expect(await notices("failing")).toBe("");
});

test("a second build changes nothing; a changed source changes its own function only", async () => {
  const before = await stat(builds.storing!.directory);
  const rebuild = async () => (await buildFunctions(built.root)).map(({ isChanged }) => isChanged);
  expect(await rebuild()).toEqual([false, false]);
  const source = join(built.root, "functions", "failing", "handler.ts");
  await writeFile(source, failing.replace("failed", "changed"));
  expect(await rebuild()).toEqual([true, false]);
  await writeFile(source, failing);
  expect(await rebuild()).toEqual([true, false]);
  expect((await stat(builds.storing!.directory)).ino).toBe(before.ino);
});

test("the bundle of a function that is gone goes too, and no function at all is fine", async () => {
  const { root, remove } = await createBuildRoot({ "functions/once/handler.ts": failing });
  try {
    await buildFunctions(root);
    await rm(join(root, "functions", "once"), { recursive: true });
    expect(await buildFunctions(root)).toEqual([]);
    expect(await listFiles(join(root, "build", "functions"))).toEqual([]);
  } finally {
    await remove();
  }
});

test("the metafile is beside the assets, not in one", async () => {
  const metafile = JSON.parse(await readFile(join(built.root, "build", "meta", "storing.json"), "utf8"));
  expect(Object.keys(metafile.inputs)).toContain("functions/storing/handler.ts");
});

test("a handler that does not compile fails the build with its place", async () => {
  const { root, remove } = await createBuildRoot({
    "functions/broken/handler.ts": 'import "./missing.ts"; export const handler = 1;',
  });
  try {
    await expect(buildFunctions(root)).rejects.toThrow(/functions\/broken\/handler\.ts:1:7.*missing\.ts/);
  } finally {
    await remove();
  }
});

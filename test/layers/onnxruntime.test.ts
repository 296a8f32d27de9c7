import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxruntimeVersion } from "../../layers/onnxruntime/keep-list.ts";
import { buildAll } from "../../scripts/build/build.ts";
import { buildFunction } from "../../scripts/build/functions.ts";
import { buildLayer } from "../../scripts/build/layer.ts";
import { tableModel } from "../../scripts/onnx/example-models.ts";
import { createBuildRoot, repositoryRoot } from "../scripts/build/build-root.ts";

/** Loads the adapter as a function does, and runs the model on standard input's base64. */
const probe = `
  import { createOrtEngine } from "../adapters/onnx/ort-engine.ts";
  export const handler = async (model: string) => {
    const engine = createOrtEngine({ memoryMiB: 1769 });
    engine.warm();
    const session = await engine.createSession(Buffer.from(model, "base64"));
    const features = { type: "float32" as const, shape: [2, 2], data: Float32Array.of(1, 0, 0, 0) };
    const { score } = await session.run({ features }, ["score"]);
    return { score: [...(score!.data as Float32Array)], modules: Object.keys(require.cache) };
  };
`;

const isLinux = process.platform === "linux" && (process.arch === "x64" || process.arch === "arm64");
const architecture = process.arch === "arm64" ? "arm64" : "x64";
const reason = `the layer holds Linux libraries, this is ${process.platform}-${process.arch}`;

/** Away from every `node_modules`, as /var/task and /opt are. */
let machine: string;
let layerModules: string;

beforeAll(async () => {
  machine = await mkdtemp(join(tmpdir(), "headrace-machine-"));
  const built = await createBuildRoot({ "functions/probe/handler.ts": probe });
  try {
    const { directory } = await buildFunction(built.root, "functions/probe/handler.ts");
    await cp(directory, join(machine, "probe"), { recursive: true });
    const layer = await buildLayer(built.root, architecture);
    await cp(layer.directory, join(machine, "opt"), { recursive: true });
    layerModules = join(machine, "opt", "nodejs", "node_modules");
  } finally {
    await built.remove();
  }
});

afterAll(() => rm(machine, { recursive: true, force: true }));

/** As Lambda does it: another working directory, and only the layer where `require` searches. */
function runProbe(nodePath: string) {
  const program = `
    require(process.argv[1]).handler(process.argv[2]).then(
      (result) => console.log(JSON.stringify(result)),
      ({ name, code, message }) => console.log(JSON.stringify({ name, code, message })),
    );`;
  const model = Buffer.from(tableModel({ table: [0.25, 0.75] })).toString("base64");
  const child = spawnSync(process.execPath, ["--eval", program, join(machine, "probe"), model], {
    cwd: tmpdir(),
    env: { NODE_PATH: nodePath },
    encoding: "utf8",
  });
  expect(child.stderr).toBe("");
  return JSON.parse(child.stdout);
}

describe("with the layer alone", () => {
  test("a bundle predicts", (context) => {
    context.skip(!isLinux, reason);
    expect(runProbe(layerModules).score).toEqual([0.75, 0.25]);
  });

  test("nothing outside of the bundle and the layer is loaded", (context) => {
    context.skip(!isLinux, reason);
    const { modules } = runProbe(layerModules);
    const strays = modules.filter((path: string) => !path.startsWith(machine));
    expect(strays).toEqual([]);
    expect(modules.some((path: string) => path.includes("onnxruntime_binding.node"))).toBe(true);
  });
});

test("without the layer the first session fails by a name that survives minification, and says what to attach", () => {
  const { name, code, message } = runProbe("");
  expect({ name, code }).toEqual({ name: "ConfigError", code: "config.env" });
  expect(message).toMatch(/onnx runtime cannot be loaded .*; attach the onnxruntime layer/);
});

test("the layer pins the version that package.json installs, and its papers name it", async () => {
  const read = (path: string) => readFile(join(repositoryRoot, path), "utf8");
  expect(JSON.parse(await read("package.json")).dependencies["onnxruntime-node"]).toBe(onnxruntimeVersion);
  expect(await read("layers/onnxruntime/THIRD-PARTY-NOTICES.txt")).toContain(
    `ONNX Runtime ${onnxruntimeVersion}`,
  );
});

test("every function of this repository loads with nothing but the layer", async (context) => {
  context.skip(!isLinux, reason);
  const { functions } = await buildAll(repositoryRoot);
  for (const { name, directory } of functions) {
    await cp(directory, join(machine, name), { recursive: true });
    // A handler reads its variables when it is loaded; without them it must say so, not crash.
    const program = `
      try { console.log(typeof require(process.argv[1]).handler); }
      catch (error) { console.log(error.name); console.error(error.name === "ConfigError" ? "" : error.stack); }`;
    const child = spawnSync(process.execPath, ["--eval", program, join(machine, name)], {
      cwd: tmpdir(),
      env: { NODE_PATH: layerModules, AWS_REGION: "eu-west-1" },
      encoding: "utf8",
    });
    expect(child.stderr.trim(), name).toBe("");
    expect(["function", "ConfigError"], name).toContain(child.stdout.trim());
  }
});

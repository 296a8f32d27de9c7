import { beforeEach, expect, test, vi } from "vitest";
import { createOrtEngine } from "../../../../functions/adapters/onnx/ort-engine.ts";

/** The library's own failure to start cannot be provoked from outside, so a fake of it stands in. */
const create = vi.hoisted(() => vi.fn());
vi.mock("onnxruntime-node", () => ({ InferenceSession: { create } }));

const session = { inputMetadata: [], outputMetadata: [], release: async () => undefined };

beforeEach(() => {
  create.mockReset();
});

test("a failed start waits for the next session, which fails with it; the one after tries again", async () => {
  const cause = new Error("no environment");
  create.mockRejectedValueOnce(cause).mockResolvedValue(session);
  const engine = createOrtEngine({ memoryMiB: 512 });
  engine.warm();
  await expect(engine.createSession(new Uint8Array())).rejects.toMatchObject({
    name: "ConfigError",
    code: "config.env",
    cause,
  });
  await expect(engine.createSession(new Uint8Array())).resolves.toMatchObject({ inputs: [] });
});

test("a failed start that nobody waits for is no unhandled rejection", async () => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const tried = new Promise<void>((resolve) => {
    create.mockImplementation(async () => {
      resolve();
      throw new Error("no environment");
    });
  });
  createOrtEngine({ memoryMiB: 512 }).warm();
  await tried;
  await new Promise((resolve) => setTimeout(resolve));
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test("the environment starts once, however often it is asked to", async () => {
  create.mockResolvedValue(session);
  const engine = createOrtEngine({ memoryMiB: 512 });
  engine.warm();
  engine.warm();
  await engine.createSession(new Uint8Array());
  engine.warm();
  await engine.createSession(new Uint8Array());
  expect(create).toHaveBeenCalledTimes(3);
});

test("a session whose model is refused afterwards is released", async () => {
  const release = vi.fn(async () => undefined);
  create.mockResolvedValue({ ...session, outputMetadata: [{ name: "maps", isTensor: false }], release });
  await expect(createOrtEngine({ memoryMiB: 512 }).createSession(new Uint8Array())).rejects.toMatchObject({
    code: "model.package",
  });
  expect(release).toHaveBeenCalledOnce();
});

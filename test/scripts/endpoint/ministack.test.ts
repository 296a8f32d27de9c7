import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMiniStack } from "../../../scripts/endpoint/ministack.ts";

// Programs that behave like MiniStack as it starts and stops; the real one runs by `npm run test:endpoint`.
describe.skipIf(process.platform === "win32")("MiniStack", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headrace-ministack-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("answers on this machine alone, keeps to its folder, and takes the processes of its functions with it", async () => {
    const program = await script(`
      const { spawn } = require("node:child_process");
      const worker = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      const { HOME, TMPDIR, BIND_HOST, AWS_PROFILE } = process.env;
      const told = JSON.stringify({ worker: worker.pid, HOME, TMPDIR, BIND_HOST, AWS_PROFILE });
      require("node:http").createServer((_, response) => response.end(told))
        .listen(Number(process.env.GATEWAY_PORT), BIND_HOST);`);
    let pids: readonly number[];
    {
      await using ministack = await startMiniStack({ program, folder, region: "us-east-1" });
      const { worker, ...told } = await askFake(ministack.endpoint);
      expect(told).toEqual({ HOME: folder, TMPDIR: folder, BIND_HOST: "127.0.0.1" });
      pids = [ministack.pid, worker];
      expect(pids.filter(lives)).toEqual(pids);
    }
    // A process that was killed is there until the system has buried it.
    while (pids.some(lives)) await sleep(20);
  });

  it("that ends as it starts is told of with the end of its log", async () => {
    const program = await script(`console.error("no module named ministack"); process.exitCode = 3;`);
    const starting = startMiniStack({ program, folder, region: "us-east-1" });
    await expect(starting).rejects.toThrow(/did not start; its log ends with\n.*no module named ministack/);
    await expect(starting).rejects.toMatchObject({ cause: { message: "it ended with 3" } });
  });

  it("that cannot be run is told of", async () => {
    const program = join(folder, "nothing");
    await expect(startMiniStack({ program, folder, region: "us-east-1" })).rejects.toThrow(/ENOENT/);
  });

  async function script(text: string): Promise<string> {
    const path = join(folder, `program-${Math.random()}.cjs`);
    await writeFile(path, `#!/usr/bin/env node\n${text}`);
    await chmod(path, 0o755);
    return path;
  }
});

async function askFake(endpoint: string): Promise<{ readonly worker: number }> {
  const told: unknown = await fetch(endpoint).then((response) => response.json());
  return told as { worker: number };
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

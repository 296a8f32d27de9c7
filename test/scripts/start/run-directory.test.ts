import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { makeRunDirectory } from "../../../scripts/start/run-directory.ts";

async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "headrace-run-"));
  onTestFinished(() => rm(home, { recursive: true }));
  return home;
}

it("a run's folder is new and empty, and what a process that ended left behind is gone", async () => {
  const home = await temporaryHome();
  const ended = spawn(process.execPath, ["-e", ""]);
  await once(ended, "exit");
  for (const name of [`run-${ended.pid}`, `run-${process.ppid}`, `run-${process.pid}`, "other"]) {
    await mkdir(join(home, name, "cdk.out"), { recursive: true });
  }

  const directory = await makeRunDirectory(home);

  expect(await readdir(directory)).toEqual([]);
  expect((await readdir(home)).toSorted()).toEqual(
    ["other", `run-${process.pid}`, `run-${process.ppid}`].toSorted(),
  );
});

it("the folder that holds them is made where it is missing", async () => {
  const home = join(await temporaryHome(), "new");

  expect(await makeRunDirectory(home, 123)).toBe(join(home, "run-123"));
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { onTestFinished, vi } from "vitest";

/** Synthesise an app into a temporary directory that goes when the test ends. @returns the directory. */
export async function synthesise(build: (app: App) => void): Promise<string> {
  const outdir = await temporaryDirectory();
  // CDK's own check of the template costs seconds, and complains of the faults that tests plant.
  vi.stubEnv("CDK_VALIDATION", "false");
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  build(app);
  app.synth();
  return outdir;
}

/** A directory that goes when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headrace-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

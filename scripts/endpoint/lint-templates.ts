import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stageName } from "../../functions/contract/stack-outputs.ts";
import { target } from "../../infra/config/target.ts";
import { createHeadraceApp } from "../../infra/headrace-app.ts";
import { runCommand } from "../cli/run-command.ts";
import { installPythonTools } from "./python-tools.ts";
import { runProgram } from "./run-program.ts";

const command = {
  usage: "npm run lint:templates",
  summary: "Synthesise every stage for every target and check the templates by cfn-lint.",
  options: {},
  notes: "cfn-lint comes from PyPI into .venv/. Synthesis needs what npm run build writes.",
};

await runCommand(command, async (_, signal) => {
  const tools = await installPythonTools(signal);
  const folder = await mkdtemp(join(tmpdir(), "headrace-templates-"));
  try {
    const templates = await synthesiseAll(folder);
    console.log(`cfn-lint ${tools.version("cfn-lint")} on ${templates.length} templates`);
    // The templates name no region; pricing and limits are not asked for, so one stands for all.
    const args = ["--regions", "us-east-1", "--non-zero-exit-code", "error", "--", ...templates];
    const status = await runProgram(tools.path("cfn-lint"), args, { cwd: folder, signal });
    if (status === 0) console.log("no errors");
    return status;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** @returns paths of the templates, relative to the folder. */
async function synthesiseAll(folder: string): Promise<readonly string[]> {
  const templates: string[] = [];
  for (const stage of stageName.options) {
    for (const chosen of target.options) {
      const name = `${stage}-${chosen}`;
      createHeadraceApp({ outdir: join(folder, name), context: { stage, target: chosen } }).app.synth();
      const files = await readdir(join(folder, name));
      templates.push(
        ...files.filter((file) => file.endsWith(".template.json")).map((file) => join(name, file)),
      );
    }
  }
  return templates;
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, vi } from "vitest";
import { createHeadraceApp, type HeadraceApp } from "../../infra/headrace-app.ts";

/** A resource of a synthesised template. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape, and tests reach deep into it.
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
}

export interface Synthesis extends HeadraceApp {
  readonly stateTemplate: Template;
  readonly servingTemplate: Template;
  readonly observabilityTemplate: Template;
  /** Resources of all stacks, by stack and logical id. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** Every resource of one type, of all stacks. */
  ofType(type: string): Resource[];
}

// Seconds on a free machine; a busy one takes its time to load CDK's rules.
vi.setConfig({ testTimeout: 180_000 });

const temporary = mkdtempSync(join(tmpdir(), "headrace-infra-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** Make a folder that lives as long as the test file. */
export function makeFolder(): string {
  return mkdtempSync(join(temporary, "folder-"));
}

/** A build folder of throwaway assets, so that tests of templates need no build. */
export const fakeBuild: string = makeFolder();
for (const name of [
  "stream",
  "predict",
  "server",
  "archive",
  "guard",
  "drift",
  "shadow",
  ...["retrain", "assemble", "train", "evaluate", "rollout"],
])
  writeFile(`functions/${name}/index.js`, `exports.handler = async () => "${name}";`);
for (const folder of ["x64", "arm64"]) {
  writeFile(
    `layers/onnxruntime/${folder}/nodejs/node_modules/onnxruntime-node/package.json`,
    `{"cpu":"${folder}"}`,
  );
}

/** Synthesise the app under a context, as `-c` on the command line would give it. */
export function synthesise(context: Readonly<Record<string, unknown>> = {}): Synthesis {
  const made = createHeadraceApp({
    outdir: makeFolder(),
    context: { build: fakeBuild, ...context },
  });
  const stateTemplate = Template.fromStack(made.state);
  const servingTemplate = Template.fromStack(made.serving);
  const observabilityTemplate = Template.fromStack(made.observability);
  const templates = {
    ...{ state: stateTemplate, serving: servingTemplate, observability: observabilityTemplate },
    ...(made.learning && { learning: Template.fromStack(made.learning) }),
  };
  const resources = new Map<string, Resource>();
  for (const [stack, template] of Object.entries(templates)) {
    const own = template.toJSON().Resources as Record<string, Resource>;
    for (const [id, resource] of Object.entries(own)) resources.set(`${stack}/${id}`, resource);
  }
  const ofType = (type: string) => [...resources.values()].filter((resource) => resource.Type === type);
  return { ...made, stateTemplate, servingTemplate, observabilityTemplate, resources, ofType };
}

function writeFile(path: string, content: string): void {
  const file = join(fakeBuild, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CfnResource } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { createHeadraceApp } from "../../infra/headrace-app.ts";
import { fakeBuild, makeFolder, synthesise } from "./synthesise.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("synthesis", () => {
  test.each(["dev", "prod"])("of %s gives the same bytes every time", (stage) => {
    const [first, second] = [synthesise({ stage }), synthesise({ stage })].map(({ app }) => {
      const folder = app.synth().directory;
      return readdirSync(folder)
        .filter((file) => /\.(template|assets)\.json$|^manifest\.json$/.test(file))
        .map((file) => [file, readFileSync(join(folder, file), "utf8")]);
    });
    expect(first!.length).toBeGreaterThan(6);
    expect(second).toEqual(first);
  });

  test("does not depend on the order of the models", () => {
    const one = synthesise({ models: { a: {}, b: {} } });
    const other = synthesise({ models: { b: {}, a: {} } });
    expect(other.servingTemplate.toJSON().Resources).toEqual(one.servingTemplate.toJSON().Resources);
  });

  test("works from the cdk command line, with the settings of cdk.json", async () => {
    const output = makeFolder();
    const cdk = join(root, "node_modules", "aws-cdk", "bin", "cdk");
    const context = [
      "-c",
      "stage=prod",
      "-c",
      "target=local",
      "-c",
      `build=${fakeBuild}`,
      "-c",
      'models={"dense":{}}',
    ];
    await promisify(execFile)(
      process.execPath,
      // The build belongs to others; the throwaway one stands in for it.
      [cdk, "synth", "--quiet", "--build", "node --version", "--output", output, ...context],
      { cwd: root, env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: "1" }, timeout: 150_000 },
    );
    expect(existsSync(join(output, "Headrace-prod-Serving.template.json"))).toBe(true);
    const template = readFileSync(join(output, "Headrace-prod-Serving.template.json"), "utf8");
    const direct = synthesise({ stage: "prod", target: "local", models: { dense: {} } });
    expect(withoutMetadata(JSON.parse(template))).toEqual(withoutMetadata(direct.servingTemplate.toJSON()));
  });

  test("with a wrong context fails by one line that says what to change", async () => {
    const run = promisify(execFile)(process.execPath, ["infra/app.ts"], {
      cwd: root,
      env: { ...process.env, CDK_OUTDIR: makeFolder(), CDK_CONTEXT_JSON: '{"stage":"staging"}' },
      timeout: 150_000,
    });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: 'ConfigError: context "stage": got "staging", expected dev or prod; pass -c stage=dev\n',
    });
  });
});

test("for a local target stops at what only AWS deploys", () => {
  const { app, state } = createHeadraceApp({
    outdir: makeFolder(),
    context: { build: fakeBuild, target: "local" },
  });
  new CfnResource(state, "Refused", { type: "Custom::Anything" });
  expect(() => app.synth()).toThrow("Headrace-dev-State/Refused: got Custom::Anything");
});

describe("the stacks of prod, as they stand", () => {
  const prod = synthesise({ stage: "prod" });

  test.each([
    ["state", prod.stateTemplate],
    ["serving", prod.servingTemplate],
    ["observability", prod.observabilityTemplate],
  ])("%s", (_name, template) => {
    expect(scrub(template.toJSON())).toMatchSnapshot();
  });
});

/** Asset hashes change with every build and say nothing. */
function scrub(template: unknown): unknown {
  return JSON.parse(
    JSON.stringify(template)
      .replace(/[0-9a-f]{64}/g, "<asset>")
      .replace(/(ApiDeployment[0-9A-F]{8})[0-9a-f]{32}/g, "$1<routes>"),
  );
}

/** The command line adds construct and asset paths to every resource's metadata, which the API's deployment covers. */
function withoutMetadata(template: Record<string, unknown>): unknown {
  const text = JSON.stringify(template).replace(/(ApiDeployment[0-9A-F]{8})[0-9a-f]{32}/g, "$1");
  const { Resources, ...rest } = JSON.parse(text);
  const resources = Object.entries(Resources as Record<string, { Metadata?: unknown }>);
  return { ...rest, Resources: resources.map(([id, { Metadata: _, ...resource }]) => [id, resource]) };
}

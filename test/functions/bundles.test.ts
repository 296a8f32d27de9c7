import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Of the SDK, what signs and sends a request to S3: ADR 0011. Of all else functions have their own: ADR 0016. */
const kept = ["@smithy/core", "@smithy/node-http-handler", "@smithy/signature-v4"];

describe.each([
  "archive",
  "assemble",
  "drift",
  "evaluate",
  "guard",
  "predict",
  "rollout",
  "server",
  "shadow",
  "stream",
])("the bundle of %s", (name) => {
  it("has nothing of the SDK's clients and chain of credentials", async () => {
    const packages = await bundledPackages(`functions/${name}/handler.ts`);
    expect(packages).toContain("zod");
    const ofSdk = packages.filter((each) => /^@(aws|aws-sdk|aws-crypto|smithy)\//.test(each));
    expect(ofSdk.filter((each) => !kept.includes(each))).toEqual([]);
  });
});

/** Packages that have code in a bundle. */
async function bundledPackages(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    ...{ bundle: true, write: false, metafile: true, minify: true, platform: "node", format: "cjs" },
    mainFields: ["module", "main"],
    external: ["onnxruntime-node"],
    logLevel: "silent",
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "own");
}

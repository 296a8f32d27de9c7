import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Of the SDK, what functions have their own for, or do not need in Lambda: ADRs 0011 and 0016. */
const replaced = [
  "@aws-sdk/client-dynamodb",
  "@aws-sdk/client-kinesis",
  "@aws-sdk/client-s3",
  "@aws-sdk/credential-provider-node",
];

describe.each(["archive", "predict", "server", "stream"])("the bundle of %s", (name) => {
  it("has nothing of the SDK's clients of DynamoDB, Kinesis and S3, nor its chain of credentials", async () => {
    const packages = await bundledPackages(`functions/${name}/handler.ts`);
    expect(packages).toContain("zod");
    expect(packages.filter((each) => replaced.includes(each))).toEqual([]);
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

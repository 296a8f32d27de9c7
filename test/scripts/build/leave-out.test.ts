import { isBuiltin } from "node:module";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { leaveOut } from "../../../scripts/build/leave-out.ts";

describe("what is left out of bundles", () => {
  it("is a provider of credentials that is only imported on demand", async () => {
    const { externals } = await bundle(
      `export const load = () => import("@aws-sdk/credential-provider-ini");`,
    );
    expect(externals).toEqual(["@aws-sdk/credential-provider-ini"]);
  });

  it("is nothing that a module imports outright, or that is not on the list", async () => {
    const { externals } = await bundle(
      `import { fromIni } from "@aws-sdk/credential-provider-ini"; export const load = [fromIni, () => import("@aws-sdk/credential-provider-env")];`,
    );
    expect(externals).not.toContain("@aws-sdk/credential-provider-ini");
    expect(externals).not.toContain("@aws-sdk/credential-provider-env");
  });
});

/** @returns what the bundle of a module still imports, Node's own modules apart. */
async function bundle(contents: string): Promise<{ externals: readonly string[] }> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "cjs",
    plugins: [leaveOut],
    logLevel: "silent",
  });
  const [output] = Object.values(metafile.outputs);
  const externals = output!.imports.filter(({ external }) => external).map(({ path }) => path);
  return { externals: [...new Set(externals)].filter((path) => !isBuiltin(path)) };
}

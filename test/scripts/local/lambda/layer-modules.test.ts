import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layerModulePaths } from "../../../../scripts/local/lambda/layer-modules.ts";

const layers = { layerDirectories: ["/first", "/second"], architecture: "arm64" as const };

describe("the modules of layers", () => {
  it("are searched in the layers, the last first, where their binaries can load", () => {
    const paths = layerModulePaths(layers, { platform: "linux", arch: "arm64" });
    expect(paths.filter((path) => path.endsWith(join("nodejs", "node_modules")))).toEqual([
      join("/second", "nodejs", "node_modules"),
      join("/first", "nodejs", "node_modules"),
    ]);
  });

  it.each([
    { platform: "darwin", arch: "arm64" },
    { platform: "win32", arch: "arm64" },
    { platform: "linux", arch: "x64" },
  ])("come from the host's own modules on $platform $arch", (host) => {
    const paths = layerModulePaths(layers, host);
    expect(paths).toHaveLength(1);
    expect(existsSync(join(paths[0]!, "vitest"))).toBe(true);
  });

  it("are none without a layer, on any host", () => {
    expect(
      layerModulePaths({ ...layers, layerDirectories: [] }, { platform: "darwin", arch: "arm64" }),
    ).toEqual([]);
  });
});

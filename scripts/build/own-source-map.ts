import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * Keeps packages' files out of a bundle's source map, which then maps our own sources alone.
 *
 * With all of the AWS SDK in it the map is twice the size of the bundle, and part of every function's asset.
 */
export const ownSourceMap: Plugin = {
  name: "own-source-map",
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, "utf8")}\n//# sourceMappingURL=data:application/json;base64,${emptyMap}`,
      loader: "js",
    }));
  },
};

/** One mapping, to a source without a name; one without any would be ignored: https://github.com/evanw/esbuild/issues/4130 */
const emptyMap = Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString("base64");

/** Architectures of the layer, by npm's and Node's names; Lambda calls `x64` x86_64. */
export type LayerArchitecture = "x64" | "arm64";

/** The version that the layer pins; the build fails where another one is installed. */
export const onnxruntimeVersion = "1.30.0";

/**
 * What the layer keeps of each package, as glob patterns; `{arch}` is npm's name of the architecture.
 *
 * That is everything `require("onnxruntime-node")` reads on Linux with a CPU. The rest of the packages is other systems'
 * binaries, DirectML, TypeScript sources, ES modules, and an installer (which alone needs `adm-zip` and `global-agent`).
 */
export const keepList = {
  "onnxruntime-node": [
    "package.json",
    "dist/*.js",
    "bin/napi-v6/linux/{arch}/libonnxruntime.so.1",
    "bin/napi-v6/linux/{arch}/onnxruntime_binding.node",
  ],
  "onnxruntime-common": ["package.json", "dist/cjs/package.json", "dist/cjs/*.js"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Greatest unzipped size of the layer, as a ratio to both packages as npm installs them. */
export const maxSizeRatio: Readonly<Record<LayerArchitecture, number>> = { x64: 0.16, arm64: 0.09 };

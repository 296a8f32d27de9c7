import { basename } from "node:path";
import { maxSizeRatio } from "../../layers/onnxruntime/keep-list.ts";
import type { Build } from "../../scripts/build/build.ts";
import { formatBytes } from "../../scripts/build/format-bytes.ts";
import type { Result } from "./result.ts";

/** What is deployed, in bytes, against what it would be without care. */
export function measureSizes({ layers, functions }: Build, naiveBundleBytes: number): readonly Result[] {
  return [
    ...layers.map(({ directory, sizeBytes, ratio }): Result => {
      const architecture = basename(directory) as keyof typeof maxSizeRatio;
      return {
        name: `size: layer for ${architecture} ÷ npm packages`,
        ...exactly(ratio),
        floor: maxSizeRatio[architecture],
        better: "lower",
        detail: `${formatBytes(sizeBytes)} unzipped`,
      };
    }),
    ...functions.map(
      ({ name, bundleBytes }): Result => ({
        name: `size: bundle of ${name} ÷ usual handler's`,
        ...exactly(bundleBytes / naiveBundleBytes),
        floor: null,
        better: "lower",
        detail: `${formatBytes(bundleBytes)} against ${formatBytes(naiveBundleBytes)}`,
      }),
    ),
  ];
}

function exactly(ratio: number) {
  return { ratio, low: ratio, high: ratio };
}

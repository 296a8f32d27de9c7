import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const home = fileURLToPath(new URL(".headrace/home", import.meta.url));

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Two cores: more workers only fight each other, and the end-to-end suites start processes of their own.
    maxWorkers: 2,
    setupFiles: ["test/setup/property-seed.ts"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    reporters: ["default"],
    // CDK keeps fingerprints of assets in the user's home: nothing of ours is to stay outside this folder.
    env: { HOME: home, USERPROFILE: home },
  },
});

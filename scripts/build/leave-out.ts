import type { Plugin } from "esbuild";

/**
 * What the AWS SDK imports on demand and a function never asks for: Lambda's credentials stand in environment variables, which
 * the SDK looks at first, and no operation here streams events.
 *
 * Left in, they are a sixth of a bundle, and all that they share with the rest is wrapped so that it can run later.
 */
const neverImported: ReadonlySet<string> = new Set([
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/core/event-streams",
  "@smithy/credential-provider-imds",
]);

/** Leave their dynamic imports as they are; one that is reached after all fails as a module that cannot be found. */
export const leaveOut: Plugin = {
  name: "leave-out",
  setup(build) {
    build.onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ kind, path }) =>
      kind === "dynamic-import" && neverImported.has(path) ? { path, external: true } : undefined,
    );
  },
};

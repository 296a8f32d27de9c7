import * as z from "zod";

/** Requests per second in the long run, and how many at once before that rate counts. */
function throttle(defaults: { readonly ratePerSecond: number; readonly burst: number }) {
  return {
    ratePerSecond: z.number().gt(0).max(10_000).default(defaults.ratePerSecond),
    burst: z.int().min(1).max(10_000).default(defaults.burst),
  };
}

/** The HTTPS front of a stage. Nothing is open: each method wants a key or a signature, health included. */
export const apiSettings = z.strictObject({
  /** Without it there is no API, and no function that answers one. */
  enabled: z.boolean().default(true),
  /**
   * `apiKey`: callers send `x-api-key`; a key is a name and a meter, so treat it as a password that many know.
   * `iam`: callers sign by SigV4, and their policies say which methods they may call.
   */
  auth: z.enum(["apiKey", "iam"]).default("apiKey"),
  /** What one method takes from all callers together. */
  throttle: z.strictObject(throttle({ ratePerSecond: 1000, burst: 2000 })).prefault({}),
  /** What one key may take; with `auth: "apiKey"` only. */
  usagePlan: z
    .strictObject({
      ...throttle({ ratePerSecond: 500, burst: 1000 }),
      quotaPerDay: z.int().min(1).default(1_000_000),
    })
    .prefault({}),
  /** Web pages that may call, e.g. `https://example.com`; none by default. */
  corsOrigins: z
    .array(
      z
        .string()
        .regex(
          /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/,
          "expected an origin: scheme, host and port, without a path, such as https://example.com",
        ),
    )
    .default([]),
});

export type ApiSettings = z.infer<typeof apiSettings>;

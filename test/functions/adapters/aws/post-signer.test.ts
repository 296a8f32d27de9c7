import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPostSigner, type SignablePost } from "../../../../functions/adapters/aws/post-signer.ts";

interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The SDK's own signer. */
async function signBySdk(
  { method = "POST", path, headers, body, timeMs }: SignablePost,
  { region, service, credentials }: { region: string; service: string; credentials: Identity },
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ region, service, credentials, sha256: Sha256, applyChecksum: false });
  const request = { method, protocol: "https:", hostname: headers.host!, path, query: {}, body };
  const signed = await signer.sign(
    { ...request, headers: { ...headers } },
    { signingDate: new Date(timeMs) },
  );
  return signed.headers;
}

const token = fc.stringMatching(/^[!-~]{1,60}$/);
const posts = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT"),
  path: fc.array(fc.stringMatching(/^[A-Za-z0-9_~!'()*-]{1,9}$|^%20$/)).map((parts) => `/${parts.join("/")}`),
  headers: fc.record({
    host: fc.stringMatching(/^[a-z0-9.-]{1,30}(:[0-9]{1,5})?$/),
    "content-type": fc.constant("application/x-amz-json-1.0"),
    "x-amz-target": token,
  }),
  body: fc.string({ unit: "grapheme" }),
  timeMs: fc.integer({ min: 0, max: Date.UTC(2099, 11, 31) }),
});
const identities = fc.record(
  { accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/), secretAccessKey: token, sessionToken: token },
  { requiredKeys: ["accessKeyId", "secretAccessKey"] },
);

describe("createPostSigner", () => {
  it("signs as the SDK's signer does", async () => {
    await fc.assert(
      fc.asyncProperty(posts, identities, token, async (post, credentials, region) => {
        const sign = createPostSigner({ service: "dynamodb", region });
        const expected = await signBySdk(post, { region, service: "dynamodb", credentials });
        expect(sign(post, credentials)).toEqual(expected);
      }),
    );
  });

  it("signs rightly whatever it signed before: another day, other credentials and back", async () => {
    const region = "eu-central-1";
    const sign = createPostSigner({ service: "dynamodb", region });
    const day = Date.UTC(2026, 0, 31, 23, 59, 59, 999);
    const one = { accessKeyId: "AKIA1", secretAccessKey: "one" };
    const two = { accessKeyId: "AKIA2", secretAccessKey: "two" };
    const asked = [
      [day, one],
      [day + 1, one],
      [day + 1, two],
      [day, two],
      [day, { ...one, sessionToken: "token" }],
      [day, one],
    ] as const;
    for (const [timeMs, credentials] of asked) {
      const post = { path: "/", headers: { host: "h" }, body: "{}", timeMs };
      const expected = await signBySdk(post, { region, service: "dynamodb", credentials });
      expect(sign(post, credentials)).toEqual(expected);
    }
  });
});

class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string);
  }

  update(data: unknown): void {
    this.#hash.update(data as string);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

import { webcrypto } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createConcealer } from "../../../../functions/core/private/concealer.ts";

it("gives the first 22 characters of an HMAC-SHA256 in base64url, as another implementation has it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.string({ unit: "grapheme" }),
      async (key, text) => {
        const imported = await webcrypto.subtle.importKey(
          "raw",
          key,
          { name: "HMAC", hash: "SHA-256" },
          false,
          ["sign"],
        );
        const signature = await webcrypto.subtle.sign("HMAC", imported, new TextEncoder().encode(text));
        const expected = Buffer.from(signature).toString("base64url").slice(0, 22);
        expect(createConcealer(key)(text)).toBe(expected);
      },
    ),
  );
});

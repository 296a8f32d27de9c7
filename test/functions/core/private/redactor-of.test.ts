import { describe, expect, it } from "vitest";
import { MemoryConcealerKeys } from "../../../../functions/adapters/memory/memory-concealer-keys.ts";
import { createConcealer } from "../../../../functions/core/private/concealer.ts";
import { redactorOf } from "../../../../functions/core/private/redactor-of.ts";

const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const keys = new MemoryConcealerKeys([
  ["one", one],
  ["two", two],
]);

describe("redactorOf", () => {
  it("removes what is private to any package, and conceals with the key of the first that declares the path", async () => {
    const redactor = await redactorOf(
      [
        { name: "open", private: [] },
        { name: "two", private: ["user"] },
        { name: "one", private: ["user", "card"] },
      ],
      keys,
    );
    const redact = (partitionKey: string) => {
      const data = Buffer.from('{"user":"ada","card":"4111","rest":1}');
      const redacted = redactor.redact({ partitionKey, data });
      return [redacted.partitionKey, String(redacted.data)];
    };
    expect(redact("ada")).toEqual([createConcealer(two)("ada"), '{"rest":1}']);
    expect(redact("4111")).toEqual([createConcealer(one)("4111"), '{"rest":1}']);
  });

  it("needs no key where nothing is private", async () => {
    expect((await redactorOf([{ name: "open", private: [] }], keys)).paths).toEqual([]);
  });

  it("fails where a key is missing", async () => {
    await expect(redactorOf([{ name: "new", private: ["a"] }], keys)).rejects.toMatchObject({
      name: "ModelArtifactError",
      code: "model.package",
    });
  });
});

import { describe, expect, it } from "vitest";
import { MemoryConcealerKeys } from "../../../../functions/adapters/memory/memory-concealer-keys.ts";
import { createConcealer } from "../../../../functions/core/private/concealer.ts";
import { redactorOf } from "../../../../functions/core/private/redactor-of.ts";

const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const event = { ahead: "1d" };
const keys = new MemoryConcealerKeys([
  ["one", one],
  ["two", two],
]);

describe("redactorOf", () => {
  it("removes what is private to any package, and conceals with the key of the first that declares the path", async () => {
    const redactor = await redactorOf(
      [
        { name: "open", private: [], event },
        { name: "two", private: ["user"], event },
        { name: "one", private: ["user", "card"], event },
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

  it("takes a private id for private where outcomes name it: the package's own, and native ones for its model", async () => {
    const outcome = { on: {}, id: "about.id", label: { from: "label" }, within: "1d" };
    const redactor = await redactorOf(
      [
        { name: "one", private: ["user"], event: { ...event, id: "user" }, outcome },
        { name: "two", private: ["card"], event: { ...event, id: "id" }, outcome: { ...outcome, id: "id" } },
      ],
      keys,
    );
    const redact = (given: object) => {
      const data = Buffer.from(JSON.stringify(given));
      const redacted = redactor.redact({ partitionKey: "ada", data });
      return [redacted.partitionKey, JSON.parse(String(redacted.data))];
    };
    const concealed = createConcealer(one)("ada");
    const native = (model: unknown) => ({ $outcome: { model, id: "ada", label: 1 } });
    expect(redact({ about: { id: "ada" }, label: 1 })).toEqual([concealed, { about: {}, label: 1 }]);
    expect(redact(native("one"))).toEqual([concealed, { $outcome: { model: "one", label: 1 } }]);
    expect(redact(native("two"))).toEqual(["ada", native("two")]);
    expect(redact(native(["one"]))).toEqual(["ada", native(["one"])]);
    expect(redact({ $outcome: null, id: "x" })).toEqual(["ada", { $outcome: null, id: "x" }]);
  });

  it("needs no key where nothing is private", async () => {
    expect((await redactorOf([{ name: "open", private: [], event }], keys)).paths).toEqual([]);
  });

  it("fails where a key is missing", async () => {
    await expect(redactorOf([{ name: "new", private: ["a"], event }], keys)).rejects.toMatchObject({
      name: "ModelArtifactError",
      code: "model.package",
    });
  });
});

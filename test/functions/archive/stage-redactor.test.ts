import { describe, expect, it } from "vitest";
import { DependencyError } from "../../../functions/core/errors.ts";
import { setUp } from "./set-up.ts";

describe("the redactor of a stage", () => {
  it("knows what is private to any model's champion", async () => {
    const { publish, deps } = setUp(["one", "two"]);
    await publish("one", ["user", "card.number"]);
    await publish("two", ["card.number", "iban"]);
    expect((await deps.redactor.read()).paths).toEqual(["user", "card.number", "iban"]);
  });

  it("reads each version once, and asks the ledger again after a second", async () => {
    const { publish, deps, reads, wait } = setUp(["one", "two"]);
    await publish("one", ["user"]);
    await publish("two");
    const first = await deps.redactor.read();
    await publish("two", ["iban"]);
    expect(await deps.redactor.read()).toBe(first);
    wait();
    expect((await deps.redactor.read()).paths).toEqual(["user", "iban"]);
    expect(reads).toEqual(["one", "two", "two"]);
  });

  it("takes no version for known whose key is missing", async () => {
    const { publish, deps, keys, wait } = setUp(["one"]);
    await publish("one", ["user"]);
    keys.keys.clear();
    await expect(deps.redactor.read()).rejects.toMatchObject({ name: "ModelArtifactError" });
    keys.keys.set("one", new Uint8Array(32));
    wait();
    expect((await deps.redactor.read()).paths).toEqual(["user"]);
  });

  it("tells a ledger that cannot be read from a model without a champion", async () => {
    const { publish, deps, ledger } = setUp(["one"]);
    await publish("one");
    ledger.latest = () => Promise.reject(new DependencyError("down", { code: "dependency.timeout" }));
    await expect(deps.redactor.read()).rejects.toMatchObject({ name: "DependencyError" });
  });
});

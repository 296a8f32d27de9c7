import { expect, it } from "vitest";
import { DependencyError } from "../../../../../functions/core/errors.ts";
import { getAhead } from "../../../../../functions/core/train/examples/get-ahead.ts";

const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);

/** A store that answers the newest question first. */
function slowStore(fails?: string) {
  let [inFlight, most, asked] = [0, 0, 0];
  const store = {
    async get(key: string) {
      asked++;
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      if (key === fails) throw new DependencyError("away", { code: "dependency.unavailable" });
      return key === "k7" ? undefined : Buffer.from(key);
    },
  };
  return { store, counts: () => ({ most, asked }) };
}

it("gets every object in order, several at once and no more than sixteen", async () => {
  const { store, counts } = slowStore();
  const got: string[] = [];
  for await (const { key, bytes } of getAhead(store, keys))
    got.push(bytes === undefined ? `${key} is gone` : Buffer.from(bytes).toString());
  expect(got).toEqual(keys.map((key) => (key === "k7" ? "k7 is gone" : key)));
  expect(counts()).toEqual({ most: 16, asked: 50 });
});

it("fails where its turn has come, and asks for no more than it was ahead", async () => {
  const { store, counts } = slowStore("k9");
  const got: string[] = [];
  const reading = (async () => {
    for await (const { key } of getAhead(store, keys)) got.push(key);
  })();
  await expect(reading).rejects.toMatchObject({ code: "dependency.unavailable" });
  expect(got).toEqual(keys.slice(0, 9));
  expect(counts().asked).toBe(25);
});

it("asks for nothing where nobody reads on", async () => {
  const { store, counts } = slowStore("k3");
  for await (const { key } of getAhead(store, keys)) if (key === "k1") break;
  expect(counts().asked).toBe(17);
});

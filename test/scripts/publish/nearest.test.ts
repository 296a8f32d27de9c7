import { expect, it } from "vitest";
import { didYouMean, nearest } from "../../../scripts/publish/nearest.ts";

it.each([
  ["treshold", "threshold"],
  ["Form", "from"],
  ["hourofday", "hourOfDay"],
  ["indxe", "index"],
])("takes %s for %s", (word, meant) => {
  expect(nearest(word, ["threshold", "from", "hourOfDay", "index", "names"])).toBe(meant);
});

it("suggests nothing that is not near", () => {
  expect(nearest("colour", ["from", "index"])).toBeUndefined();
  expect(didYouMean("colour", [])).toBe("");
});

import { describe, expect, it } from "vitest";
import type { PackageFiles } from "../../../../functions/core/inference/package-store.ts";
import { takeSameRows } from "../../../../functions/core/rollout/same-rows.ts";
import { buildModel } from "../../../../functions/core/train/onnx/build-model.ts";
import { packageOf, setUp, tablePackage } from "../../stream/set-up.ts";

async function load(...packages: readonly PackageFiles[]) {
  const { loader, packages: store, deps } = await setUp(packages[0]);
  const digests = await Promise.all(packages.map((files) => store.write(deps.model, files)));
  return await Promise.all(digests.map((digest) => loader.load(digest)));
}

/** The table model's features for a model with other tensors. */
function identityOf(type: "float32" | "float64", name = "x"): PackageFiles {
  const model = buildModel({
    inputs: [{ name, type, shape: ["N", 2] }],
    outputs: [{ name: "score", type, shape: ["N", 2] }],
    nodes: [{ opType: "Identity", inputs: [name], outputs: ["score"] }],
  });
  const [json] = [tablePackage().get("model.json")!].map((bytes) =>
    JSON.parse(Buffer.from(bytes).toString()),
  );
  return packageOf(model, { ...json, outputs: { score: { from: "score", index: 0 } } });
}

describe("two versions", () => {
  it("take the same rows where they declare the same features, whatever their tables, caches and chunks", async () => {
    const [one, other] = await load(
      tablePackage(),
      tablePackage({ limits: { chunkRows: 3 }, cache: { memoryBytes: 0 } }, [1, 2]),
    );
    expect([takeSameRows(one!, other!), takeSameRows(other!, one!)]).toEqual([true, true]);
  });

  it.each<[string, object]>([
    ["read another field", { features: { place: { from: "seat" }, other: { from: "other", default: 0 } } }],
    ["have another order", { features: { other: { from: "other", default: 0 }, place: { from: "place" } } }],
    [
      "have another default",
      { features: { place: { from: "place" }, other: { from: "other", default: 1 } } },
    ],
  ])("do not where they %s", async (_, json) => {
    const [one, other] = await load(tablePackage(), tablePackage(json));
    expect(takeSameRows(one!, other!)).toBe(false);
  });

  it("do where only the inputs' names differ, and do not where their types do", async () => {
    const [one, renamed, wider] = await load(
      identityOf("float32"),
      identityOf("float32", "y"),
      identityOf("float64"),
    );
    expect(takeSameRows(one!, renamed!)).toBe(true);
    expect(takeSameRows(one!, wider!)).toBe(false);
    // Whom a version was compared with last is remembered: another is compared anew.
    expect(takeSameRows(wider!, renamed!)).toBe(false);
    expect(takeSameRows(one!, renamed!)).toBe(true);
  });
});

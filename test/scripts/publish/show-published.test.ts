import { describe, expect, it } from "vitest";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import {
  type PackageDeclarations,
  parseDeclaration,
} from "../../../functions/core/inference/package-declarations.ts";
import { logisticModel } from "../../../scripts/onnx/example-models.ts";
import { neededBackfill } from "../../../scripts/publish/new-views.ts";
import { publishPackage } from "../../../scripts/publish/publish.ts";
import { publishedJson, showPublished } from "../../../scripts/publish/show-published.ts";
import { engine, packageFolder } from "./package-folder.ts";

const nowMs = Date.parse("2001-01-31T12:00:00.750Z");
const view = { on: { type: "call" }, key: "who", time: "at", tile: "5m" };
const plain = { name: "m", features: { place: { from: "place" } }, outputs: { score: { from: "score" } } };

function declared(views: Record<string, object>, windows: Record<string, string> = {}) {
  const features = Object.entries(windows).map(([name, over]) => [
    `${name}_count`,
    { view: name, agg: "count", over },
  ]);
  return modelPackage.parse({
    ...plain,
    views,
    features: { ...plain.features, ...Object.fromEntries(features) },
  });
}

describe("neededBackfill", () => {
  it("names the views that the champion keeps nothing of, back to where the longest of their windows begins", () => {
    const before = declared({ calls: view, more: { ...view, key: "other" } }, { calls: "3h", more: "12h" });
    const after = declared(
      {
        calls: { ...view, lateness: "1m" },
        renamed: { ...view, key: "other" },
        added: { ...view, tile: "10m" },
      },
      { calls: "3h", renamed: "12h", added: "1h" },
    );
    expect(neededBackfill(after, before, nowMs)).toEqual({
      views: ["calls", "added"],
      from: "2001-01-31T09:00:00Z",
    });
    expect(neededBackfill(before, before, nowMs)).toBeUndefined();
  });

  it("names them all where nothing is champion, but none that no feature looks at", () => {
    const published = declared({ calls: view, unused: { ...view, key: "other" } }, { calls: "30d" });
    expect(neededBackfill(published, undefined, nowMs)).toEqual({
      views: ["calls"],
      from: "2001-01-01T12:00:00Z",
    });
    expect(neededBackfill(declared({}), undefined, nowMs)).toBeUndefined();
  });
});

describe("a publish", () => {
  it("says which views are new, and how to fill them", async () => {
    const { publish } = stage();
    await using first = await withView({});
    const published = await publish(first.path);
    const command = "npm run backfill -- models/m --from 2001-01-31T09:00:00Z --stage prod";
    expect(lines(published)).toContainEqual(
      "  backfill   nothing is kept yet of calls: fill their windows with",
    );
    expect(lines(published)).toContain(`             ${command}`);
    expect(json(published).backfill).toEqual({ views: ["calls"], from: "2001-01-31T09:00:00Z", command });
  });

  it("says so again until the version is champion, and that it is to be filled before", async () => {
    const { publish } = stage();
    await using first = await withView({});
    await using second = await withView({ lateness: "1m" });
    await publish(first.path);
    for (const outcome of ["published", "unchanged"]) {
      const published = await publish(second.path);
      expect(published.outcome).toBe(outcome);
      expect(lines(published).join()).toMatch(/fill their windows before it is champion with/);
    }
  });

  it("says nothing where the champion keeps the same views", async () => {
    const { publish } = stage();
    await using first = await withView({});
    await using second = await packageFolder(changes({}, { samplesTolerance: 0.5 }));
    await publish(first.path);
    const published = await publish(second.path);
    expect(published.outcome).toBe("published");
    expect(lines(published).join()).not.toMatch(/backfill/);
    expect(json(published)).not.toHaveProperty("backfill");
  });

  it("is not kept back by a champion that is damaged", async () => {
    const { publish, packages } = stage();
    await using first = await withView({});
    await using second = await withView({ lateness: "1m" });
    await publish(first.path);
    packages.objects.clear();
    expect((await publish(second.path)).backfill?.views).toEqual(["calls"]);
  });

  it("quotes a folder that a shell would take apart", async () => {
    const { publish } = stage();
    await using first = await withView({});
    const shown = showPublished(await publish(first.path), { folder: "my models/m", stage: "dev" });
    expect(shown).toMatch(/npm run backfill -- "my models\/m" --from/);
  });
});

type Published = Awaited<ReturnType<typeof publishPackage>>;

const place = { folder: "models/m", stage: "prod" } as const;
const lines = (published: Published) => showPublished(published, place).split("\n");
const json = (published: Published) => JSON.parse(publishedJson(published, place));

function stage() {
  const [ledger, packages] = [new MemoryLedger(), new MemoryPackageStore()];
  const declarations: PackageDeclarations = {
    read: async (model, digest) => parseDeclaration((await packages.read(model, digest)).get("model.json")!),
  };
  const common = { engine, ledger, packages, declarations, by: "ada", why: "a test", now: () => nowMs };
  return { packages, publish: (folder: string) => publishPackage({ folder, ...common }) };
}

const withView = (change: object) => packageFolder(changes(change));

/** A model of two features, one of them from a view. */
function changes(viewChange: object, more: object = {}): Parameters<typeof packageFolder>[0] {
  const calls = { view: "calls", agg: "count", over: "3h" };
  const declaration = {
    ...{ name: "m", event: { id: "id" }, ...more },
    features: { place: { from: "place" }, calls },
    views: { calls: { ...view, ...viewChange } },
    outputs: { score: { from: "score", index: 0 } },
  };
  return {
    "model.json": JSON.stringify(declaration),
    "model.onnx": logisticModel({ featureCount: 2 }),
    "samples.jsonl": undefined,
  };
}

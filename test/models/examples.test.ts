import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { MemoryLayoutStore } from "../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryLedger } from "../../functions/adapters/memory/memory-ledger.ts";
import { MemoryPackageStore } from "../../functions/adapters/memory/memory-package-store.ts";
import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import { modelSchemaFile } from "../../scripts/build/model-schema.ts";
import { exampleFolder } from "../../scripts/models/write-package.ts";
import { publishPackage } from "../../scripts/publish/publish.ts";
import { readText } from "./read-text.ts";

const names = await readdir(exampleFolder("."));

describe.each(names)("models/%s", (name) => {
  it("is published under its own name, without a warning", async () => {
    const published = await publishPackage({
      folder: fileURLToPath(exampleFolder(name)),
      engine: createOrtEngine({ memoryMiB: 1769 }),
      ledger: new MemoryLedger(),
      packages: new MemoryPackageStore(),
      layouts: new MemoryLayoutStore(),
      by: "ada",
      why: "a test",
      now: () => 0,
    });
    expect(published).toMatchObject({
      outcome: "published",
      plan: { package: { name }, changes: [], warnings: [] },
    });
  });

  it("tells editors its schema", async () => {
    const { $schema } = JSON.parse(await readText(name, "model.json"));
    expect(new URL($schema, exampleFolder(name)).href).toBe(modelSchemaFile.href);
  });

  it("has a README", async () => {
    expect(await readText(name, "README.md")).toMatch(new RegExp(`^# ${name}\n`));
  });
});

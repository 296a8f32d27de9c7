import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import { modelSchemaFile, modelSchemaText } from "../../../scripts/build/model-schema.ts";

it("keeps docs/schema/model.schema.json current", async () => {
  expect(await readFile(modelSchemaFile, "utf8")).toBe(modelSchemaText());
});

it("describes model.json as users write it: every key of the contract, and only the needed ones required", () => {
  const schema = JSON.parse(modelSchemaText());
  expect(Object.keys(schema.properties)).toEqual(Object.keys(modelPackage.shape));
  expect(schema.required).toEqual(["name", "features", "outputs"]);
  expect(schema.additionalProperties).toBe(false);
});

it("explains every key to the editor", () => {
  const { properties } = JSON.parse(modelSchemaText());
  const silent = Object.keys(properties).filter((key) => properties[key].description === undefined);
  expect(silent).toEqual([]);
});

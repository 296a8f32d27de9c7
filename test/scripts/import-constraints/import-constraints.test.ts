import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { importConstraints } from "../../../scripts/import-constraints/import-constraints.ts";
import { withMember } from "../../../scripts/import-constraints/with-member.ts";

const constraints = fileURLToPath(new URL("../../fixtures/drift/constraints.json", import.meta.url));

const modelJson = `{
    "name": "flights",
    "features": {
        "distance": { "from": "miles", "default": 0 },
        "amount":   { "from": "amount", "as": { "log": { "plus": 1 } } },
        "carrier":  { "from": "carrier.code", "as": { "index": ["AA", "DL", "UA"], "unknown": -1 }, "default": -1 },
        "late_rate": { "view": "arrivals", "agg": "rate", "over": "3h", "default": 0 }
    },
    "views": {
        "arrivals": { "on": { "type": "arrival" }, "key": "origin", "value": "delay", "rate": { "above": 15 }, "tile": "5m", "lateness": "10m" }
    },
    "outputs": { "score": { "from": "score", "index": 0 } }
}
`;

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function makePackage(text = modelJson): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headrace-constraints-"));
  folders.push(folder);
  await writeFile(join(folder, "model.json"), text);
  return folder;
}

const textIn = (folder: string) => readFile(join(folder, "model.json"), "utf8");

describe("importing a baseline of SageMaker Model Monitor", () => {
  it("writes rules of features by their name or path, and the threshold, and leaves the rest to the letter", async () => {
    const folder = await makePackage();
    const { rules, threshold } = await importConstraints(constraints, folder);
    expect({ rules, threshold }).toEqual({
      rules: {
        distance: { completeness: 0.995, nonNegative: true },
        carrier: { completeness: 1, domain: 0.98 },
      },
      threshold: 0.2,
    });
    expect(await textIn(folder)).toBe(
      modelJson.replace(
        /\n}\n$/,
        `,
    "drift": {
        "threshold": 0.2,
        "rules": {
            "distance": {
                "completeness": 0.995,
                "nonNegative": true
            },
            "carrier": {
                "completeness": 1,
                "domain": 0.98
            }
        }
    }
}
`,
      ),
    );
  });

  it("lists what has no equivalent", async () => {
    const { left } = await importConstraints(constraints, await makePackage());
    expect(left).toEqual([
      "amount: completeness: without a default, an event that lacks it is rejected, and counted there",
      "amount: is_non_negative: what the model gets of it is transformed; set min, which rejects such events",
      "carrier: domains: 1 of its 4 values are not on the package's list, which is what counts",
      "carrier: monitoringConfigOverrides: thresholds are the package's, not a feature's",
      "late_rate: it is read from a feature view, whose empty windows are no fault",
      "_c7: no feature of the package has this name, or is read from it",
      "datatype_check_threshold: an event with a value of another type is rejected, and counted there",
      "categorical_comparison_threshold 0.1: one threshold is for all features",
      "comparison_method, categorical_drift_method: every statistic is measured",
    ]);
  });

  it("keeps what the package says already, and changes nothing the second time", async () => {
    const before = modelJson.replace(
      '"name"',
      '"drift": { "window": "6h", "rules": { "amount": { "nonNegative": true }, "distance": { "completeness": 0.5 } } },\n    "name"',
    );
    const folder = await makePackage(before);
    await importConstraints(constraints, folder);
    const once = await textIn(folder);
    expect(JSON.parse(once).drift).toEqual({
      window: "6h",
      threshold: 0.2,
      rules: {
        amount: { nonNegative: true },
        distance: { completeness: 0.995, nonNegative: true },
        carrier: { completeness: 1, domain: 0.98 },
      },
    });
    await importConstraints(constraints, folder);
    expect(await textIn(folder)).toBe(once);
  });

  it("leaves SageMaker's usual threshold out, which would keep this one from rising", async () => {
    const folder = await makePackage();
    const usual = join(folder, "constraints.json");
    const distribution_constraints = { comparison_threshold: 0.1 };
    await writeFile(usual, JSON.stringify({ features: [], monitoring_config: { distribution_constraints } }));
    const { threshold, left } = await importConstraints(usual, folder);
    expect(threshold).toBeUndefined();
    expect(left).toEqual([expect.stringMatching(/^comparison_threshold 0\.1: the usual one here too/)]);
    expect(await textIn(folder)).toBe(modelJson);
  });

  it("writes nothing where either file is not what it is taken for", async () => {
    const folder = await makePackage();
    const other = join(folder, "other.json");
    await writeFile(other, JSON.stringify({ features: [{ completeness: 2 }] }));
    await expect(importConstraints(other, folder)).rejects.toThrow(/no constraints\.json: features\.0\./);
    await writeFile(other, "[");
    await expect(importConstraints(other, folder)).rejects.toThrow(/other\.json: no JSON/);
    expect(await textIn(folder)).toBe(modelJson);
    const broken = await makePackage('{ "name": "M" }');
    await expect(importConstraints(constraints, broken)).rejects.toThrow(/model\.json: not valid: name/);
    expect(await textIn(broken)).toBe('{ "name": "M" }');
  });

  it("is a command that prints both, and says how it is called", async () => {
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ["scripts/import-constraints.ts", ...args]);
    const { stdout } = await run(constraints, await makePackage());
    expect(stdout).toContain('distance  {"completeness":0.995,"nonNegative":true}\n');
    expect(stdout).toContain("\nnot imported:\n  amount: completeness");
    await expect(run(constraints)).rejects.toMatchObject({ code: 2 });
    expect((await run("--help")).stdout).toContain("<constraints.json> <package folder>");
  });
});

describe("setting a member of a JSON text", () => {
  it("changes that member and nothing else, whatever the text holds and however it is laid out", () => {
    const layout = fc.constantFrom<string | number | undefined>(undefined, 2, "\t");
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.jsonValue(),
        layout,
        (object, name, value, space) => {
          fc.pre(name !== "__proto__" && !Object.hasOwn(object, "__proto__"));
          const text = JSON.stringify(object, null, space);
          const expected = JSON.parse(JSON.stringify({ ...object, [name]: value }));
          expect(JSON.parse(withMember(text, name, value))).toEqual(expected);
        },
      ),
    );
  });
});

import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { pinnedVersion } from "../../../scripts/endpoint/python-tools.ts";

const file = new URL("../../../scripts/endpoint/requirements.txt", import.meta.url);

it("every requirement is pinned to one version", async () => {
  const lines = (await readFile(file, "utf8"))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(line).toMatch(/^[\w-]+==[\w.]+( {2}# .+)?$/);
});

it("a pinned version is read off its line, whatever follows", () => {
  expect(pinnedVersion("# tools\na-b==2.0\nb==1.2.3  # newer ones fail\n", "b")).toBe("1.2.3");
  expect(() => pinnedVersion("ab==1", "b")).toThrow("got no b, expected its pinned version");
});

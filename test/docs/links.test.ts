import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { anchorsOf, filesOf, linksOf, npmScriptsOf, readDocuments } from "./documents.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
const documents = await readDocuments(root);
const { scripts } = JSON.parse(await readFile(`${root}/package.json`, "utf8")) as {
  scripts: Record<string, string>;
};

describe("the documents", () => {
  it("are the ones that people look for", () => {
    expect(documents.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
        ...["architecture", "local", "model-package", "operations", "scaling"].map(
          (name) => `docs/${name}.md`,
        ),
      ]),
    );
  });

  it.each(documents)("$path links to files and headings that exist", ({ path, text }) => {
    const broken = linksOf(text)
      .filter((link) => !/^(https?|mailto):/.test(link))
      .filter((link) => !isFound(path, text, link));
    expect(broken).toEqual([]);
  });

  it.each(documents)("$path names npm scripts that package.json has", ({ text }) => {
    expect(npmScriptsOf(text).filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it.each(documents)("$path names files that exist", ({ text }) => {
    expect(filesOf(text).filter((file) => !existsSync(`${root}/${file}`))).toEqual([]);
  });

  it.each(documents)("$path has no mark left for something to be filled in", ({ text }) => {
    expect(text).not.toMatch(/<!--\s*capture/);
  });

  it("list every decision", () => {
    const index = documents.find(({ path }) => path === "docs/adr/README.md")!;
    const decisions = documents.filter(({ path }) => /^docs\/adr\/\d/.test(path));
    expect(linksOf(index.text)).toEqual(decisions.map(({ path }) => posix.basename(path)));
  });
});

describe("the reading of documents", () => {
  it("finds links in prose and none in code", () => {
    expect(linksOf("see [a](b.md#c) and `[x](y)`\n```\n[p](q)\n```\n[d](e)")).toEqual(["b.md#c", "e"]);
  });

  it("makes anchors as GitHub does, repeated headings numbered", () => {
    const text = "# A model's `name`\n## Limits\n```\n# no heading\n```\n## Limits\n### --json";
    expect([...anchorsOf(text)]).toEqual(["a-models-name", "limits", "limits-1", "--json"]);
  });

  it("finds the scripts of npm run, npm start and npm test", () => {
    expect(npmScriptsOf("npm ci && npm start, npm run publish-model -- x, npm test")).toEqual([
      ...["start", "publish-model", "test"],
    ]);
  });
});

function isFound(path: string, text: string, link: string): boolean {
  const [file = "", anchor] = link.split("#", 2);
  const target = file === "" ? path : posix.join(posix.dirname(path), file);
  if (!existsSync(`${root}/${target}`)) return false;
  if (anchor === undefined) return true;
  const page = target === path ? text : documents.find((each) => each.path === target)?.text;
  return page !== undefined && anchorsOf(page).has(anchor);
}

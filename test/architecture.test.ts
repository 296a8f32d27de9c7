import { readdirSync, readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { importsOf, rules, type SourceFile } from "./architecture-rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = ["functions", "infra", "layers", "scripts"].flatMap(readSources);

describe("architecture", () => {
  it("is checked on all of the sources", () => {
    const paths = sources.map(({ path }) => path);
    expect(paths).toContain("functions/stream/handler.ts");
    expect(paths).toContain("infra/app.ts");
    expect(paths.length).toBeGreaterThan(150);
  });

  it.each(rules)("$title", ({ violations }) => {
    expect(sources.flatMap(violations)).toEqual([]);
  });
});

/** By rule, in order: a file that breaks it, and one that looks alike and does not. */
const examples: readonly (readonly [broken: SourceFile, sound: SourceFile])[] = [
  [
    source("infra/stacks/a.ts", 'import { x } from "../../functions/core/errors.ts";'),
    source("infra/stacks/a.ts", 'import { x } from "../../functions/contract/env.ts";'),
  ],
  [
    source("functions/contract/a.ts", 'import type { X } from "../core/errors.ts";'),
    source("functions/contract/a.ts", 'import * as z from "zod/mini";\nimport { y } from "./b.ts";'),
  ],
  [
    source("functions/core/a/b.ts", 'import { readFile } from "node:fs/promises";'),
    source("functions/core/a/b.ts", 'import { hash } from "node:crypto";\nimport { y } from "../errors.ts";'),
  ],
  [
    source("functions/adapters/aws/a.ts", 'import { x } from "../../stream/deps.ts";'),
    source("functions/adapters/aws/a.ts", 'import { S3Client } from "@aws-sdk/client-s3";'),
  ],
  [
    source("functions/stream/a.ts", 'const x = await import("../../scripts/build/layer.ts");'),
    source("functions/stream/a.ts", 'import { x } from "../adapters/env.ts";'),
  ],
  [
    source("functions/adapters/aws/a.ts", 'import type * as Ort from "onnxruntime-node";'),
    source("functions/adapters/onnx/a.ts", 'import type * as Ort from "onnxruntime-node";'),
  ],
  [
    source("functions/stream/a.ts", "const { STAGE } = process.env;"),
    source("functions/stream/a.ts", "/** Never `process.env`. */\nconst url = 'http://process.example';"),
  ],
  [source("functions/a/handler.ts", "x;\n".repeat(41)), source("functions/a/handler.ts", "x;\n".repeat(40))],
  [source("functions/a/b.ts", "x;\n".repeat(321)), source("functions/a/b_pb.ts", "x;\n".repeat(321))],
  [
    source("functions/core/a.ts", 'export {\n  one,\n  two,\n} from "./b.ts";'),
    source("functions/core/a.ts", 'export { one };\nimport { two } from "./b.ts";'),
  ],
  [source("scripts/string-utils.ts", ""), source("scripts/commonest.ts", "")],
];

describe("each rule of the architecture", () => {
  it("has an example", () => {
    expect(examples).toHaveLength(rules.length);
  });

  it.each(rules.map((rule, i) => ({ rule, title: rule.title, pair: examples[i]! })))(
    "is seen to fail: $title",
    ({ rule, pair: [broken, sound] }) => {
      expect(rule.violations(broken)).toEqual([expect.stringContaining(broken.path)]);
      expect(rule.violations(sound)).toEqual([]);
    },
  );

  it("sees every form of import, and none in a comment", () => {
    const text = `
      import a from "a";
      import type { B } from "b";
      import {
        c,
        type D,
      } from "c";
      import "d";
      export * from "e";
      export type { F } from "f";
      const g = await import("g");
      const h = require("h");
      const url = "https://i"; import { j } from 'j';
      // import k from "k";
      /* import l from "l"; */
    `;
    expect(importsOf(text).sort()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h", "j"]);
  });

  it("bans barrels of every form", () => {
    const barrels = rules.find(({ title }) => title.includes("barrels"))!;
    for (const text of [
      'export * from "./b.ts";',
      'export * as b from "./b.ts";',
      'export type { B } from "./b.ts";',
    ])
      expect(barrels.violations(source("functions/core/a.ts", text))).toHaveLength(1);
    expect(barrels.violations(source("functions/core/index.ts", ""))).toHaveLength(1);
  });
});

function source(path: string, text: string): SourceFile {
  return { path, text };
}

function readSources(folder: string): SourceFile[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((path) => !path.includes(`${sep}node_modules${sep}`))
    .map((path) => ({
      path: relative(root, path).split(sep).join("/"),
      text: readFileSync(path, "utf8"),
    }));
}

import { glob, readFile } from "node:fs/promises";

/** One Markdown page of the project. */
export interface Document {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every page that people read: those at the root, under docs, and beside models and layers. */
export async function readDocuments(root: string): Promise<Document[]> {
  const paths: string[] = [];
  for await (const path of glob(["*.md", "docs/**/*.md", "models/*/*.md", "layers/*/*.md"], { cwd: root }))
    paths.push(path.replaceAll("\\", "/"));
  return Promise.all(
    paths.sort().map(async (path) => ({ path, text: await readFile(`${root}/${path}`, "utf8") })),
  );
}

/** Targets of the links of a page, those in code left out. */
export function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map((match) => match[1]!);
}

/** Anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutFences(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Names of the npm scripts that a page tells people to run. */
export function npmScriptsOf(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run (?:--silent )?([a-z][\w-]*(?::\w+)*)|(start|test)\b)/g)].map(
    ([, run, short]) => (run ?? short)!,
  );
}

/** Files of the project that a page names in code, such as `infra/config/stages.ts`. */
export function filesOf(text: string): string[] {
  return [
    ...withoutFences(text).matchAll(
      /`((?:functions|infra|layers|models|scripts|test|docs)\/[\w./-]+\.\w+)`/g,
    ),
  ].map((match) => match[1]!);
}

function withoutFences(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "");
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, "");
}

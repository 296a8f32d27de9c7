/** One source file: its path from the repository's root, with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A rule of the code's layout; it names what breaks it, or says nothing. */
export interface Rule {
  readonly title: string;
  violations(file: SourceFile): string[];
}

const maxHandlerLines = 40;
const maxSourceLines = 320;
/** Grown before the rule was enforced: these may shrink, never grow. */
const longSources: Readonly<Record<string, number>> = { "scripts/local/lambda/lambda.ts": 352 };

/** Built-ins that compute and touch nothing outside the process. */
const pureBuiltIns = ["node:crypto", "node:zlib", "node:buffer"];
/** Packages of which the same holds. */
const purePackages = ["zod", "@bufbuild/protobuf"];

export const rules: readonly Rule[] = [
  importRule("infra imports nothing of functions but contract", "infra/", ({ target }) =>
    target.startsWith("functions/") ? target.startsWith("functions/contract/") : true,
  ),
  importRule(
    "contract imports zod and itself, nothing else",
    "functions/contract/",
    ({ target }) => isPackage(target, "zod") || target.startsWith("functions/contract/"),
  ),
  importRule(
    "core imports core, contract, and built-ins and packages without I/O, nothing else",
    "functions/core/",
    ({ target }) =>
      ["functions/core/", "functions/contract/"].some((folder) => target.startsWith(folder)) ||
      pureBuiltIns.includes(target) ||
      purePackages.some((name) => isPackage(target, name)),
  ),
  importRule(
    "adapters import adapters, core, contract and packages, never a use-case or a script",
    "functions/adapters/",
    ({ target, isRelative }) =>
      !isRelative ||
      ["functions/adapters/", "functions/core/", "functions/contract/"].some((each) =>
        target.startsWith(each),
      ),
  ),
  importRule(
    "functions import nothing from outside functions",
    "functions/",
    ({ target, isRelative }) => !isRelative || target.startsWith("functions/"),
  ),
  importRule(
    "onnxruntime-node is imported in functions/adapters/onnx only",
    "",
    ({ target, from }) =>
      !isPackage(target, "onnxruntime-node") || from.startsWith("functions/adapters/onnx/"),
  ),
  {
    title: "process.env is read in functions/adapters/env.ts only",
    violations: ({ path, text }) =>
      path.startsWith("functions/") &&
      path !== "functions/adapters/env.ts" &&
      // Setting a default for a native library, which reads the variable itself, is no reading of ours.
      /process\s*\.\s*env|process\s*\[|\benv\b[^;]*from "node:process"/.test(
        withoutComments(text).replace(/process\.env\.\w+ \?\?= /g, ""),
      )
        ? [`${path}: looks at process.env`]
        : [],
  },
  {
    title: `handlers have at most ${maxHandlerLines} lines`,
    violations: ({ path, text }) =>
      /^functions\/.*\/handler\.ts$/.test(path) && lineCount(text) > maxHandlerLines
        ? [`${path}: ${lineCount(text)} lines`]
        : [],
  },
  {
    title: `sources have at most ${maxSourceLines} lines, generated ones apart`,
    violations: ({ path, text }) =>
      !path.endsWith("_pb.ts") && lineCount(text) > (longSources[path] ?? maxSourceLines)
        ? [`${path}: ${lineCount(text)} lines`]
        : [],
  },
  {
    title: "nothing is re-exported: there are no barrels",
    violations: ({ path, text }) =>
      /^\s*export\s+(?:type\s+)?(?:\*|\{[^}]*\})[^;"']*?from\s*["']/m.test(withoutComments(text)) ||
      /(^|\/)index\.ts$/.test(path)
        ? [`${path}: passes on what others export`]
        : [],
  },
  {
    title: "no file or folder is called utils, helpers, common or misc",
    violations: ({ path }) =>
      path
        .replace(/\.ts$/, "")
        .split(/[/.-]/)
        .some((word) => /^(utils?|helpers?|common|misc)$/i.test(word))
        ? [path]
        : [],
  },
];

/** The modules a source asks for, as written: static and dynamic imports, types included, and re-exports. */
export function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const forms = [
    /\b(?:import|export)\b[^;"'()]*?\bfrom\s*["']([^"']+)["']/g,
    /\bimport\s*["']([^"']+)["']/g,
    /\b(?:import|require|resolve)\s*\(\s*["']([^"']+)["']/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1]!));
}

interface Import {
  readonly from: string;
  /** Path from the root for a relative import, else the specifier. */
  readonly target: string;
  readonly isRelative: boolean;
}

function importRule(title: string, folder: string, allows: (each: Import) => boolean): Rule {
  return {
    title,
    violations: ({ path, text }) =>
      path.startsWith(folder)
        ? importsOf(text)
            .map((specifier): Import => ({ from: path, ...resolve(path, specifier) }))
            .filter((each) => !allows(each))
            .map(({ target }) => `${path}: imports ${target}`)
        : [],
  };
}

function resolve(path: string, specifier: string): Omit<Import, "from"> {
  if (!specifier.startsWith(".")) return { target: specifier, isRelative: false };
  const { pathname } = new URL(specifier, `file:///${path}`);
  return { target: decodeURIComponent(pathname.slice(1)), isRelative: true };
}

function isPackage(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}

function lineCount(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

/** Strings are stepped over, so that a `//` within one is no comment. */
function withoutComments(text: string): string {
  return text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, quoted?: string) => quoted ?? "",
  );
}

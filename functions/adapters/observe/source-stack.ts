import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";

/**
 * Say where in the sources the frames of a stack lie that name a bundle.
 *
 * Node can do this by `--enable-source-maps`, but then reads and decodes the map at every cold start, 13 to 30 ms
 * (Node 24, measured); here it is read when the first error is logged.
 *
 * @param bundlePath - the bundle; its map stands beside it, with `.map` appended. Without one stacks stay as they are.
 */
export function createSourceStack(bundlePath: string): (stack: string) => string {
  let map: SourceMap | undefined | null = null;
  return (stack) => {
    if (map === null) map = readMap(`${bundlePath}.map`);
    const found = map;
    if (found === undefined) return stack;
    return stack.replaceAll(frameOf(bundlePath), (frame, line: string, column: string) => {
      const origin = found.findOrigin(Number(line), Number(column));
      return "fileName" in origin ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}` : frame;
    });
  };
}

function readMap(path: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, "utf8")) as SourceMapPayload);
  } catch {
    // No map, or a damaged one: the error that is being logged matters more.
    return undefined;
  }
}

function frameOf(path: string): RegExp {
  return new RegExp(`${RegExp.escape(path)}:(\\d+):(\\d+)`, "g");
}

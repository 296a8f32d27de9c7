// Stands for Lambda's runtime: loads a handler, gives it one event, and says how long after its start that was done.
// Without a handler it does nothing: what Node itself takes.
"use strict";
const [handlerFile, eventFile] = process.argv.slice(2);

main().then(
  (result) => {
    const elapsedMs = performance.now();
    process.stdout.write(JSON.stringify({ elapsedMs, result: result ?? null }), () => process.exit(0));
  },
  (error) => {
    process.stderr.write(`${error.stack}\n`, () => process.exit(1));
  },
);

async function main() {
  if (handlerFile === undefined) return undefined;
  const { handler } = require(handlerFile);
  return handler(JSON.parse(require("node:fs").readFileSync(eventFile, "utf8")));
}

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reference } from "../../functions/contract/reference.ts";
import { makeReference } from "../../functions/core/monitor/reference/make-reference.ts";
import { path, time } from "../cli/option.ts";
import { runCommand } from "../cli/run-command.ts";
import { createTerminal } from "../cli/terminal.ts";
import { examplesIn } from "../reference/example-files.ts";
import { openForReference } from "../reference/open-for-reference.ts";
import { readExamples } from "../train/read-examples.ts";
import { type Quality, trainedFiles } from "./flight-delay-package.ts";
import { windowedFlightDelay } from "./flight-delay-windowed.ts";
import { makeFlightExamples } from "./flight-examples.ts";
import { exampleFolder, type GeneratedFiles } from "./write-package.ts";

const command = {
  usage: "node scripts/models/train-flight-delay.ts",
  summary:
    "Train models/flight-delay on examples that the stream function's own code makes of real flights, and measure it on later ones.",
  options: {
    from: time("first departure that is learned from", Date.UTC(2001, 0, 1)),
    holdout: time("first departure that is not learned from but measured on", Date.UTC(2001, 0, 31)),
    to: time("last departure, exclusive", Date.UTC(2001, 1, 14)),
    examples: path("folder of examples that were made before, instead of making them"),
    keep: path("folder that keeps the examples (default a temporary one)"),
    out: path("folder of the package (default models/flight-delay)"),
  },
};

await runCommand(command, async (options, signal) => {
  const { from, holdout, to, out = fileURLToPath(exampleFolder("flight-delay")) } = options;
  const terminal = createTerminal(process.stdout);
  const temporary = await mkdtemp(join(tmpdir(), "headrace-examples-"));
  try {
    const folder = options.examples ?? options.keep ?? temporary;
    if (options.examples === undefined) {
      await terminal.step(
        "serve",
        () => makeFlightExamples({ fromMs: from, toMs: to, folder, signal }),
        ({ events, durationMs }) =>
          `${events.toLocaleString("en-US")} events, ${Math.round((1000 * events) / durationMs).toLocaleString("en-US")} a second`,
      );
    }
    const names = Object.keys((await windowedFlightDelay()).features);
    const table = await terminal.step(
      "examples",
      () => readExamples(folder, names),
      ({ count }) => count.toLocaleString("en-US"),
    );
    const {
      files,
      training,
      holdout: held,
    } = await terminal.step(
      "train",
      () => trainedFiles(table, holdout),
      ({ rounds, files: made }) =>
        `${rounds} trees, ${made["model.onnx"]!.length.toLocaleString("en-US")} bytes`,
    );
    await write(out, files);
    await terminal.step(
      "reference",
      () => writeReference(out, folder, { fromMs: from, toMs: holdout }),
      ({ rows, windows }) => `${rows.toLocaleString("en-US")} flights, ${windows.length} days`,
    );
    terminal.line(`  training    ${describe(training)}`);
    terminal.line(`  holdout     ${describe(held)}`);
    return 0;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
});

async function write(folder: string, files: GeneratedFiles): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

/** Of what the model was trained on, and not of the holdout. */
async function writeReference(
  folder: string,
  examples: string,
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<Reference> {
  const model = await openForReference(folder);
  try {
    const made = await makeReference({ model, examples: examplesIn(examples), ...span });
    await writeFile(join(folder, "reference.json"), `${JSON.stringify(made)}\n`);
    return made;
  } finally {
    await model.session.release();
  }
}

function describe({ count, baseRate, auc, logLoss }: Quality): string {
  const share = baseRate === undefined ? "–" : (100 * baseRate).toFixed(2);
  return `${count.toLocaleString("en-US")} flights, ${share} % late: AUC ${auc?.toFixed(4) ?? "–"}, log-loss ${logLoss?.toFixed(4) ?? "–"}`;
}

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { path, time } from "../cli/option.ts";
import { runCommand } from "../cli/run-command.ts";
import { createTerminal } from "../cli/terminal.ts";
import type { Quality } from "../train/logistic/train-logistic.ts";
import { readExamples } from "../train/read-examples.ts";
import { trainedFiles, untrainedFiles } from "./flight-delay-package.ts";
import { windowedFlightDelay } from "./flight-delay-windowed.ts";
import { exampleFolder, type GeneratedFiles } from "./write-package.ts";

const command = {
  usage: "node scripts/models/train-flight-delay.ts",
  summary:
    "Train models/flight-delay on examples that the pipeline made, or make the package that makes them.",
  options: {
    examples: path("folder of the examples; without it an untrained package is written"),
    holdout: time("first departure that is not learned from but measured on", Date.UTC(2001, 0, 31)),
    out: path("folder of the package (default models/flight-delay)"),
  },
};

await runCommand(
  command,
  async ({ examples, holdout, out = fileURLToPath(exampleFolder("flight-delay")) }) => {
    const terminal = createTerminal(process.stdout);
    if (examples === undefined) {
      await write(out, await untrainedFiles());
      terminal.line(`untrained package in ${out}; make examples with it, then train with --examples`);
      return 0;
    }
    const table = await terminal.step(
      "examples",
      async () => readExamples(examples, Object.keys((await windowedFlightDelay()).features)),
      ({ count }) => count.toLocaleString("en-US"),
    );
    const { files, trained } = await terminal.step(
      "train",
      () => trainedFiles(table, holdout),
      ({ trained: { iterations, isConverged } }) =>
        `${iterations} iterations${isConverged ? "" : ", not converged"}`,
    );
    await write(out, files);
    terminal.line(`  training    ${describe(trained.training)}`);
    terminal.line(`  holdout     ${describe(trained.holdout)}`);
    return 0;
  },
);

async function write(folder: string, files: GeneratedFiles): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

function describe({ count, baseRate, auc, logLoss }: Quality): string {
  const share = baseRate === undefined ? "–" : (100 * baseRate).toFixed(2);
  return `${count.toLocaleString("en-US")} flights, ${share} % late: AUC ${auc?.toFixed(4) ?? "–"}, log-loss ${logLoss?.toFixed(4) ?? "–"}`;
}

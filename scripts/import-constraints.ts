import { helpText, parseArguments } from "./cli/command.ts";
import { flag } from "./cli/option.ts";
import { runProgram } from "./cli/run-program.ts";
import { UsageError } from "./cli/usage-error.ts";
import { importConstraints } from "./import-constraints/import-constraints.ts";

const command = {
  usage: "npm run import-constraints --",
  takes: "<constraints.json> <package folder>",
  summary:
    "Write what a baseline of SageMaker Model Monitor asks of the features into a package's model.json, as drift.rules and drift.threshold.",
  options: { json: flag("print one JSON object") },
  notes:
    "Features are found by their name, or by the path they are read from. What has no equivalent is listed.\nPublish the package for the rules to count.",
};

await runProgram(async () => {
  const given = parseArguments(command, process.argv.slice(2));
  if (given === "help") {
    console.log(helpText(command));
    return 0;
  }
  const [file, folder, ...more] = given.operands;
  if (file === undefined || folder === undefined || more.length > 0) {
    throw new UsageError(
      `got ${given.operands.length} paths, expected ${command.takes}\nsee ${command.usage} --help`,
    );
  }
  const { rules, threshold, left } = await importConstraints(file, folder);
  if (given.values.json) console.log(JSON.stringify({ rules, threshold: threshold ?? null, left }));
  else {
    for (const [name, rule] of Object.entries(rules)) console.log(`${name}  ${JSON.stringify(rule)}`);
    if (threshold !== undefined) console.log(`threshold  ${threshold}`);
    if (left.length > 0) console.log(["", "not imported:", ...left.map((line) => `  ${line}`)].join("\n"));
  }
  return 0;
});

import { readVerdict } from "../../functions/core/rollout/verdict/read-verdict.ts";
import { verdictLines } from "./verdict-lines.ts";
import type { VerdictReader } from "./verdict-reader.ts";

/** Read how the versions that are live beside the champion of a stage's model compare with it. */
export const readStageVerdict: VerdictReader = async (stage, { model, aliases }) => {
  if (aliases.champion === undefined || (aliases.challenger ?? aliases.shadow) === undefined)
    return undefined;
  const pkg = await stage.declarations.read(model, aliases.champion.digest);
  if (pkg.outcome === undefined) {
    return { lines: ["", "no verdict: the package declares no outcome"], json: [] };
  }
  const { sketches, tiles } = stage;
  const verdicts = await readVerdict({ model, aliases, package: pkg, sketches, tiles });
  return { lines: verdicts.flatMap((each) => ["", ...verdictLines(each)]), json: verdicts };
};

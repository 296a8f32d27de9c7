import type { LearningEnd, RolloutInput } from "../contract/learning.ts";
import { ConflictError } from "../core/errors.ts";
import { aliasWords, shortDigest } from "../core/rollout/entry-words.ts";
import { endRun } from "../core/train/loop/end-run.ts";
import type { EndedRun } from "../core/train/loop/learning-record.ts";
import type { RolloutDeps } from "./deps.ts";

type Input<Action extends RolloutInput["action"]> = Extract<RolloutInput, { action: Action }>;

/** Tell people that a version waits for one of them. Run again, it is told again. */
export async function askPeople(
  { execution, digest, why }: Input<"ask">,
  { stage, model, notices }: RolloutDeps,
): Promise<Record<string, never>> {
  const version = shortDigest(digest);
  await notices.send({
    subject: `Headrace ${stage}: ${model} waits for approval`,
    text: [
      `A version of ${model} was found fit to be champion: ${why}`,
      `It answers as challenger until somebody decides.`,
      "",
      `npm run models -- promote ${model} ${version} --stage ${stage}`,
      "",
      `execution ${execution}`,
    ].join("\n"),
  });
  return {};
}

/**
 * Note how an execution ended, so that another may start, then tell people.
 *
 * Run again, the note stands and people are told again: one who was told twice is better than one who was not.
 */
export async function tellEnd(input: Input<"notify">, deps: RolloutDeps): Promise<Record<string, never>> {
  const { execution, end, why, rows, spent } = input;
  const { stage, model, ledger, notices, now, logger } = deps;
  const seconds = spent.reduce((sum, step) => sum + step.seconds, 0);
  const dollars = spent.reduce((sum, step) => sum + step.seconds * step.dollarsPerSecond, 0);
  const endedAt = new Date(now()).toISOString();
  await noteEnd({ execution, endedAt, end, why, rows, seconds, dollars }, deps);
  const live = await ledger.latest(model);
  logger.info("execution ended", { execution, end, why, rows, seconds, dollars });
  const steps = spent.filter((step) => step.seconds > 0);
  await notices.send({
    subject: `Headrace ${stage}: retraining of ${model} ${subjects[end]}`,
    text: [
      `${model} in ${stage}: ${subjects[end]}: ${why}`,
      `live now: ${live === undefined ? "nothing" : aliasWords(live.aliases)}`,
      "",
      `rows trained on: ${rows}`,
      `seconds of functions: ${seconds.toFixed(1)}${steps.length === 0 ? "" : ` (${steps.map((each) => `${each.step} ${each.seconds.toFixed(1)}`).join(", ")})`}`,
      `estimated dollars: ${dollars.toFixed(4)}`,
      `execution ${execution}`,
    ].join("\n"),
  });
  return {};
}

const subjects: Readonly<Record<LearningEnd, string>> = {
  promoted: "promoted a new champion",
  rolledBack: "was rolled back",
  held: "is held for people to decide",
  refused: "failed a gate",
  stopped: "had nothing to train on",
  failed: "failed",
};

/** A conflict means that another request wrote, and there are only so many at once. */
const maxAttempts = 10;

async function noteEnd(
  ended: Omit<EndedRun, "reason" | "by" | "startedAt">,
  { model, records }: RolloutDeps,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const noted = endRun(await records.read(model), ended);
    if (noted === undefined) return;
    try {
      await records.write(model, noted);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === maxAttempts) throw error;
    }
  }
}

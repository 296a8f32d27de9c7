import { secondsOf } from "../../functions/contract/duration.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import type {
  EvaluateOutput,
  LearningEnd,
  RolloutAction,
  RolloutOutput,
} from "../../functions/contract/learning.ts";
import { defaultTraining } from "../../functions/contract/training.ts";
import { hasSameInputs } from "../../functions/core/rollout/compatible.ts";
import { type Assembled, type AssembleStop, assemble } from "../../functions/core/train/assemble/assemble.ts";
import { seededRandom } from "../../functions/core/train/assemble/seeded-random.ts";
import { usableExamples } from "../../functions/core/train/assemble/usable-examples.ts";
import { learningPrefix } from "../../functions/core/train/learning-keys.ts";
import type { SearchPool } from "../../functions/core/train/trees/search-plan.ts";
import { evaluateModel } from "../../functions/evaluate/evaluate-model.ts";
import { rollOut } from "../../functions/rollout/roll-out.ts";
import { trainModel } from "../../functions/train/train-model.ts";
import { pricesPerMillion } from "../../infra/config/prices.ts";
import type { StoryStage } from "./story-stage.ts";

/** What an execution of the loop came to. */
export interface Execution {
  readonly execution: string;
  /** Of the story's time, epoch milliseconds. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly end: LearningEnd;
  readonly why: string;
  /** The version that it made, and the champion that it was held against. */
  readonly digest?: ModelDigest;
  readonly champion: ModelDigest;
  /** Trained on. */
  readonly rows: number;
  readonly rounds: number;
  readonly evaluated?: EvaluateOutput;
  /** Of assembling, training and evaluating, by the wall clock. */
  readonly seconds: number;
  /** As estimated, of functions that take so many seconds. */
  readonly dollars: number;
}

export interface ExecutionOptions {
  readonly stage: StoryStage;
  readonly execution: string;
  readonly pool: SearchPool | undefined;
  /** Serve until a time. */
  readonly wait: (untilMs: number) => Promise<void>;
  readonly onProgress?: ((doing: string) => void) | undefined;
}

/** What the functions of the loop are taken to have. */
const memoryMiB = 6144;
const timeoutMs = 900_000;
const dollarsPerSecond = ((memoryMiB / 1024) * pricesPerMillion.lambdaGibSeconds.arm64) / 1e6;
/** How often the verdict is looked at: it allows for any number of looks. */
const checkEveryMs = 6 * 3_600_000;
const nowMs = () => performance.now();

type Told = Pick<Execution, "end" | "why"> & Partial<Pick<Execution, "digest" | "evaluated">>;

/** Go through the states of the loop once, as the state machine does: the functions are called in its order. */
export async function runExecution(options: ExecutionOptions): Promise<Execution> {
  const { stage, execution } = options;
  const { clock, model, ledger, objects } = stage;
  const startedMs = clock.now();
  const champion = (await ledger.latest(model))!.aliases.champion!.digest;
  const made = { rows: 0, rounds: 0, spent: { assemble: 0, train: 0, evaluate: 0 } };
  const told = await learn(options, champion, made);
  const spent = Object.entries(made.spent).map(([step, seconds]) => ({ step, seconds, dollarsPerSecond }));
  await act(options, "notify", { end: told.end, why: told.why, rows: made.rows, spent });
  // The bucket's lifecycle rules do it in the cloud; here it is memory.
  for (const key of [...objects.objects.keys()])
    if (key.startsWith(learningPrefix({ model, execution }))) objects.objects.delete(key);
  const seconds = spent.reduce((sum, step) => sum + step.seconds, 0);
  return {
    ...{ execution, startedMs, endedMs: clock.now(), champion, seconds },
    ...{ rows: made.rows, rounds: made.rounds, dollars: seconds * dollarsPerSecond },
    ...told,
  };
}

async function learn(
  options: ExecutionOptions,
  champion: ModelDigest,
  made: { rows: number; rounds: number; readonly spent: Record<"assemble" | "train" | "evaluate", number> },
): Promise<Told> {
  const { stage, execution, pool, onProgress } = options;
  const { model, objects, packages, engine, logger } = stage;
  onProgress?.("assemble");
  const assemblingMs = nowMs();
  const assembled = await assembleRows(options, champion);
  made.spent.assemble = (nowMs() - assemblingMs) / 1000;
  if ("stop" in assembled) return { end: "stopped", why: assembled.stop.message };
  const { manifest, key: manifestKey } = assembled;
  made.rows = manifest.train.rows;
  onProgress?.(`train on ${made.rows.toLocaleString("en-US")} rows`);
  const trainingMs = nowMs();
  const trained = await trainModel(
    { model, execution, manifestKey },
    {
      deps: { store: objects, memoryMiB, logger, nowMs, ...(pool && { pool }) },
      remainingMs: () => timeoutMs - (nowMs() - trainingMs),
    },
  );
  made.rounds = trained.rounds;
  made.spent.train = trained.seconds;
  onProgress?.("evaluate");
  const { modelKey } = trained;
  const evaluated = await evaluateModel(
    { model, execution, manifestKey, modelKey },
    { store: objects, packages, engine, logger, nowMs },
  );
  made.spent.evaluate = evaluated.seconds;
  if (!evaluated.passed) return { end: "refused", why: evaluated.why, evaluated };
  onProgress?.("register");
  const figures = { champion: evaluated.champion, challenger: evaluated.challenger };
  const { digest } = await act(options, "register", { manifestKey, modelKey, figures });
  return { ...(await tryLive(options, digest)), digest: digest as ModelDigest, evaluated };
}

/** Beside the champion as a shadow, then as challenger, until it is decided. */
async function tryLive(options: ExecutionOptions, digest: string): Promise<Pick<Execution, "end" | "why">> {
  const { stage, wait, onProgress } = options;
  onProgress?.("try beside the champion");
  const { until } = await act(options, "shadow", { digest });
  await wait(Date.parse(until));
  const { deadline } = await act(options, "challenge", { digest });
  for (;;) {
    await wait(
      Math.min(stage.clock.now() + checkEveryMs, Math.max(Date.parse(deadline), stage.clock.now() + 1)),
    );
    const { decision, why } = await act(options, "check", { digest, deadline, approval: "none" });
    if (decision === "promote" || decision === "rollBack" || decision === "hold")
      return await act(options, decision, { digest, why });
  }
}

/** Call the rollout function. */
async function act<Action extends RolloutAction>(
  { stage, execution }: ExecutionOptions,
  action: Action,
  input: Readonly<Record<string, unknown>>,
): Promise<RolloutOutput<Action>> {
  const answer = await rollOut({ action, model: stage.model, execution, ...input }, stage.rolloutDeps);
  return answer as RolloutOutput<Action>;
}

async function assembleRows(
  { stage, execution }: ExecutionOptions,
  digest: ModelDigest,
): Promise<Assembled | { readonly stop: AssembleStop }> {
  const { model, examples, schema, objects } = stage;
  const { declarations } = stage.rolloutDeps;
  const champion = await declarations.read(model, digest);
  return await assemble({
    ...{ model, execution, schema, champion: digest, store: objects },
    training: champion.training ?? defaultTraining,
    examples: () =>
      usableExamples({
        ...{ model, examples: examples.examples(), early: none() },
        outcomes: { find: async (_, eventIds) => eventIds.map(() => []) },
        decoders: { of: async () => undefined },
        hasSameInputs: async (other) => hasSameInputs(await declarations.read(model, other), champion),
        withinMs: secondsOf(champion.outcome!.within) * 1000,
      }),
    random: () => seededRandom(execution),
  });
}

/** On one shard a flight never lands before it was asked about. */
async function* none(): AsyncGenerator<never> {}

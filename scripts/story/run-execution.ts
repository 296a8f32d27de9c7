import { secondsOf } from "../../functions/contract/duration.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { LearningEnd } from "../../functions/contract/learning.ts";
import type { Training } from "../../functions/contract/training.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import { hasSameInputs } from "../../functions/core/rollout/compatible.ts";
import { assemble } from "../../functions/core/train/assemble/assemble.ts";
import { usableExamples } from "../../functions/core/train/assemble/usable-examples.ts";
import type { SearchPool } from "../../functions/core/train/trees/search-plan.ts";
import { trainModel } from "../../functions/train/train-model.ts";
import { pricesPerMillion } from "../../infra/config/prices.ts";
import { seededRandom } from "../onnx/random.ts";
import { type Evaluated, evaluateVersion } from "./evaluate-version.ts";
import { registerVersion } from "./register-version.ts";
import type { StoryStage } from "./story-stage.ts";
import { tryLive } from "./try-live.ts";

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
  readonly evaluated?: Evaluated;
  /** Of assembling, training and evaluating, by the wall clock. */
  readonly seconds: number;
  /** As estimated, of functions that take so many seconds. */
  readonly dollars: number;
}

export interface ExecutionOptions {
  readonly stage: StoryStage;
  readonly training: Training;
  readonly execution: string;
  readonly pool: SearchPool | undefined;
  /** Serve until a time. */
  readonly wait: (untilMs: number) => Promise<void>;
  readonly onProgress?: ((doing: string) => void) | undefined;
}

const by = "learning";
/** What the functions of the loop are taken to have. */
const memoryMiB = 6144;
const timeoutMs = 900_000;

/** Go through the states of the loop once: assemble, train, evaluate, register, try live, promote or roll back. */
export async function runExecution(options: ExecutionOptions): Promise<Execution> {
  const { stage, training, execution, pool, wait, onProgress } = options;
  const { clock, model, ledger, objects } = stage;
  const startedMs = clock.now();
  const started = performance.now();
  const champion = await stage.load((await ledger.latest(model))!.aliases.champion!.digest);
  let [rows, rounds, spentMs] = [0, 0, 0];
  const finish = (
    end: LearningEnd,
    why: string,
    more: Pick<Execution, "digest" | "evaluated"> = {},
  ): Execution => {
    const seconds = (spentMs || performance.now() - started) / 1000;
    const dollars = (seconds * (memoryMiB / 1024) * pricesPerMillion.lambdaGibSeconds.arm64) / 1e6;
    const of = { execution, startedMs, endedMs: clock.now(), champion: champion.digest };
    return { ...of, end, why, rows, rounds, seconds, dollars, ...more };
  };

  onProgress?.("assemble");
  const assembled = await assembleRows(options, champion);
  if ("stop" in assembled) return finish("stopped", assembled.stop.message);
  const { manifest, key: manifestKey } = assembled;
  rows = manifest.train.rows;
  onProgress?.(`train on ${rows.toLocaleString("en-US")} rows`);
  const trainingMs = performance.now();
  const trained = await trainModel(
    { model, execution, manifestKey },
    {
      deps: {
        store: objects,
        memoryMiB,
        logger: stage.logger,
        nowMs: () => performance.now(),
        ...(pool && { pool }),
      },
      remainingMs: () => timeoutMs - (performance.now() - trainingMs),
    },
  );
  rounds = trained.rounds;
  const onnx = (await objects.get(trained.modelKey))!;
  onProgress?.("evaluate");
  const evaluated = await evaluateVersion(stage, { manifest, onnx, champion, rules: training.gates });
  // The bucket's lifecycle rules do it in the cloud; here it is memory.
  for (const key of [...objects.objects.keys()]) objects.objects.delete(key);
  spentMs = performance.now() - started;
  const failed = evaluated.gates.filter(({ isPassed }) => !isPassed);
  if (failed.length > 0) {
    const why = failed
      .map(({ name, got, allowed }) => `${name} ${got.toPrecision(3)} > ${allowed}`)
      .join(", ");
    return finish("refused", `gates: ${why}`, { evaluated });
  }
  const files = new Map(await stage.packages.read(model, champion.digest)).set("model.onnx", onnx);
  const why = `${execution}: ${rows} rows, holdout log-loss ${evaluated.challenger.loss.toFixed(4)} for ${evaluated.champion.loss.toFixed(4)}`;
  const digest = await registerVersion(stage, files, { why, by });
  onProgress?.("try live");
  const tried = await tryLive({ stage, digest, rules: training.canary, by, wait });
  return finish(tried.end, tried.why, { digest, evaluated });
}

async function assembleRows({ stage, training, execution }: ExecutionOptions, champion: LoadedModel) {
  const { model, examples, schema, objects } = stage;
  return await assemble({
    ...{ model, execution, training, schema, champion: champion.digest, store: objects },
    examples: () =>
      usableExamples({
        ...{ model, examples: examples.examples(), early: none() },
        outcomes: { find: async (_, eventIds) => eventIds.map(() => []) },
        decoders: { of: async () => undefined },
        hasSameInputs: async (digest) => hasSameInputs((await stage.load(digest)).package, champion.package),
        withinMs: secondsOf(champion.package.outcome!.within) * 1000,
      }),
    random: () => seededRandom(training.trees.seed).uniform,
  });
}

/** On one shard a flight never lands before it was asked about. */
async function* none(): AsyncGenerator<never> {}

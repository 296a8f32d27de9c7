import { binByCuts, binColumns } from "./binned-columns.ts";
import { treeOverValues } from "./binned-tree.ts";
import { boost, scoreRows } from "./boost.ts";
import { orderCategories, withRanks } from "./category-ranks.ts";
import { objectiveOf } from "./objective.ts";
import { allocator, openSearch } from "./open-search.ts";
import { holdOutNewest } from "./row-subset.ts";
import type { SearchPool } from "./search-plan.ts";
import { checkDataset, type TreeDataset } from "./tree-dataset.ts";
import type { TreeEnsemble } from "./tree-ensemble.ts";
import { createTreeGrower } from "./tree-grower.ts";
import { resolveTreeOptions, type TreeOptions } from "./tree-options.ts";

export interface TrainingHooks {
  /** Rows to measure each round on, and to stop early by, instead of the newest ones of the dataset. */
  readonly holdout?: TreeDataset;
  /** Called after every round. A promise is waited for, so that it can let other work in; one that rejects ends the training. */
  readonly onProgress?: (progress: TrainingProgress) => void | Promise<void>;
  /** Threads to search with; the trees are the same without. @default this thread alone */
  readonly pool?: SearchPool;
  /** A clock in milliseconds, for the report. */
  readonly nowMs?: () => number;
}

export interface TrainingProgress {
  /** From 1. */
  readonly round: number;
  readonly rounds: number;
  /** `undefined` without a holdout. */
  readonly holdoutLoss: number | undefined;
}

export interface TrainedTrees {
  readonly ensemble: TreeEnsemble;
  readonly report: TrainingReport;
}

export interface TrainingReport {
  readonly rows: number;
  readonly holdoutRows: number;
  /** Rounds that were run, each of one tree per margin. */
  readonly rounds: number;
  /** The last round whose trees were kept, from 1: the best on the holdout where early stopping is on, else the last of all. */
  readonly bestRound: number;
  /** Over the rows learned from, after the last round, as a weighted mean: squared error, or log-loss in nats. */
  readonly trainingLoss: number;
  /** The same over the holdout, after each round; empty without one. */
  readonly holdoutLosses: readonly number[];
  /** `undefined` without a clock. */
  readonly seconds: number | undefined;
}

/**
 * Train gradient-boosted trees on histograms of at most 256 bins.
 *
 * Equal datasets and options give equal trees bit for bit, whatever the number of threads.
 *
 * @throws {ConfigError} `config.model` when an option is out of range.
 * @throws {InputError} `input.shape` or `input.range` when the rows cannot be learned from.
 * @see Chen and Guestrin, XGBoost: A Scalable Tree Boosting System (2016)
 */
export async function trainTrees(
  dataset: TreeDataset,
  options: TreeOptions,
  hooks: TrainingHooks = {},
): Promise<TrainedTrees> {
  const startedMs = hooks.nowMs?.();
  const settings = resolveTreeOptions(options);
  checkDataset(dataset, settings, hooks.holdout);
  const { training, holdout } = hooks.holdout
    ? { training: dataset, holdout: hooks.holdout }
    : holdOutNewest(dataset, settings);
  const objective = objectiveOf(settings.target, settings.classCount);
  const baseMargins = objective.baseMargins(training.labels, training.weights);
  const categories = orderCategories(training, settings);
  const allocate = allocator(hooks.pool);
  const columns = binColumns(withRanks(training.columns, categories), settings.maxBins, allocate);
  const learned = scoreRows(training, columns, baseMargins);
  const held =
    holdout &&
    scoreRows(holdout, binByCuts(withRanks(holdout.columns, categories), columns.cuts), baseMargins);

  const search = await openSearch(columns, settings, hooks.pool);
  const { trees, ...rounds } = await boost({
    settings,
    objective,
    learned,
    held,
    table: search.table,
    grower: createTreeGrower({ columns, settings, ...search }),
    onRound: (round, holdoutLoss) => hooks.onProgress?.({ round, rounds: settings.trees, holdoutLoss }),
  }).finally(() => search.remote?.close());
  return {
    ensemble: {
      target: settings.target,
      featureCount: dataset.columns.length,
      categories,
      baseMargins,
      trees: trees.map((tree) => treeOverValues(tree, columns.cuts)),
    },
    report: {
      rows: training.rowCount,
      holdoutRows: holdout?.rowCount ?? 0,
      trainingLoss: objective.loss(learned),
      ...rounds,
      seconds: startedMs === undefined ? undefined : (hooks.nowMs!() - startedMs) / 1000,
    },
  };
}

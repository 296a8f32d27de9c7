/** How large a training is; see {@link TreeOptions} for the options. */
export interface TrainingShape {
  /** With those of a holdout. */
  readonly rows: number;
  readonly features: number;
  readonly trees: number;
  readonly depth: number;
  /** Trees a round: one per class for multi-class. @default 1 */
  readonly margins?: number;
  /** Whether the trainer holds out the newest of the rows, which copies all. @default false */
  readonly holdsOut?: boolean;
}

export interface TrainingEstimate {
  /** Of one full core each, for reading nothing and writing nothing but the trees. */
  readonly seconds: number;
  readonly memoryBytes: number;
}

/** What a function has to offer. */
export interface TrainingLimits {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
}

/** Nanoseconds on one core (Xeon at 2.5 GHz or so, Node 24), measured by test/bench/trees; slower cores are what `caution` is for. */
const costs = {
  /** Sorting and binning a value. */
  bin: 40,
  /** Adding a row to the histogram of a feature. */
  add: 1.8,
  /** Moving a row to its side of a split. */
  move: 10,
  /** A row's derivatives. */
  derive: 25,
  /** Looking at a bin of a histogram: clearing, subtracting, trying a split. */
  scan: 8,
} as const;
/** Of a core in Lambda to the measured one, with room to spare. */
const caution = 2;

const runtimeBytes = 160 * 2 ** 20;
/** While a tree is grown, and written as ONNX. */
const bytesPerNode = 1200;
const binCount = 256;
/** Memory per core. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const memoryMiBPerCore = 1769;
/** Nobody is told to train on fewer. */
const leastRows = 1000;
const memoryShare = 0.85;
const timeShare = 0.8;

/**
 * Estimate what a training takes: cautious within a factor of two or so on time, and closer on memory.
 *
 * @param threads - full cores that search for splits. @default 1
 */
export function estimateTraining(shape: TrainingShape, threads = 1): TrainingEstimate {
  const { rows, features, trees, depth, margins = 1, holdsOut = false } = shape;
  const grown = trees * margins;
  // Below the root only the smaller half of each pair of siblings is added up.
  const levels = (depth + 1) / 2;
  const nodes = Math.min(2 ** depth, rows);
  const searched = rows * features * levels * costs.add + nodes * features * binCount * costs.scan;
  const alone = rows * ((depth - 1) * costs.move + costs.derive);
  const nanoseconds = rows * features * costs.bin + grown * (searched / Math.min(threads, features) + alone);

  const copies = holdsOut ? 2 : 1;
  const perRow = features * (4 * copies + 1) + 40 + 12 * margins + (holdsOut ? 16 : 0);
  const histograms = 2 ** (depth - 1) * features * binCount * 16;
  return {
    seconds: (caution * nanoseconds) / 1e9,
    memoryBytes: runtimeBytes + rows * perRow + histograms + 2 * nodes * grown * bytesPerNode,
  };
}

/**
 * Say why a training does not fit a function, and from how many rows on it does not.
 *
 * @returns `undefined` when it fits.
 */
export function trainingMisfit(shape: TrainingShape, limits: TrainingLimits): string | undefined {
  if (fits(shape, limits)) return undefined;
  const { seconds, memoryBytes } = estimateTraining(shape, coresOf(limits));
  const rows = mostRows(shape, limits);
  const remedy =
    rows >= leastRows
      ? `keep to ${rows} rows, or train elsewhere (sagemaker)`
      : "lower trees or depth, or train elsewhere (sagemaker)";
  return (
    `training ${shape.rows} rows of ${shape.features} features, ${shape.trees} trees of depth ${shape.depth}: got an estimate of ` +
    `${Math.ceil(memoryBytes / 2 ** 20)} MiB and ${Math.ceil(seconds)} s, allowed ` +
    `${Math.floor(memoryShare * limits.memoryMiB)} MiB and ${Math.floor(timeShare * limits.timeoutSeconds)} s; ${remedy}`
  );
}

/** The greatest number of rows that fits, 0 when none does. */
export function mostRows(shape: Omit<TrainingShape, "rows">, limits: TrainingLimits): number {
  let low = 0;
  let high = 2 ** 31;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits({ ...shape, rows: middle }, limits)) low = middle;
    else high = middle;
  }
  return low;
}

/** Whole cores of a function: the threads to train with. */
export function coresOf({ memoryMiB }: Pick<TrainingLimits, "memoryMiB">): number {
  return Math.max(1, Math.floor(memoryMiB / memoryMiBPerCore));
}

function fits(shape: TrainingShape, limits: TrainingLimits): boolean {
  const { seconds, memoryBytes } = estimateTraining(shape, coresOf(limits));
  return (
    memoryBytes <= memoryShare * limits.memoryMiB * 2 ** 20 && seconds <= timeShare * limits.timeoutSeconds
  );
}

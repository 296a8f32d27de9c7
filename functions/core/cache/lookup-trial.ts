/** Decides whether looking rows up in this process's memory pays. */
export interface LookupTrial {
  /** @param rowCostMs - mean cost of running a row; undefined until a run has been timed. */
  isWorthwhile(rowCostMs: number | undefined, rowCount: number): boolean;
  /** Tell how many of the rows looked up needed no run of their own. */
  record(rowCount: number, hits: number, rowCostMs: number | undefined): void;
}

/**
 * Cost per row from which looking a row up beats running it, in milliseconds.
 *
 * A key, a miss and a later write cost 0.5 to 0.8 µs (Node 24, 30 features); a row of a small network 0.15 µs, of
 * 300 trees 7 µs.
 */
const worthCachingMs = 0.002;
/** What looking a row up and storing its result costs at most, in milliseconds: the hits must save more. */
const lookUpMs = 0.001;
/** Rows looked up before their hits are weighed, and rows not looked up after too few of them: a seventeenth is still tried. */
const trialRows = 4_096;
const restRows = 16 * trialRows;

export function createLookupTrial(): LookupTrial {
  let lookedUp = 0;
  let hits = 0;
  let restLeft = 0;
  return {
    isWorthwhile(rowCostMs, rowCount) {
      if (rowCostMs === undefined || rowCostMs <= worthCachingMs) return false;
      if (restLeft <= 0) return true;
      restLeft -= rowCount;
      return false;
    },
    record(rowCount, rowHits, rowCostMs) {
      lookedUp += rowCount;
      hits += rowHits;
      if (lookedUp < trialRows) return;
      if ((hits / lookedUp) * (rowCostMs ?? 0) < lookUpMs) restLeft = restRows;
      lookedUp = 0;
      hits = 0;
    },
  };
}

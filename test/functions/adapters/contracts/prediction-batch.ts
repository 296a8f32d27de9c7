import type { PredictionBatch } from "../../../../functions/core/prediction/prediction-batch.ts";

/** Rows `from` … `from + count - 1`, each unlike any other; three feature bytes per row. */
export function predictionBatch(
  count: number,
  overrides: Partial<PredictionBatch> & { readonly from?: number } = {},
): PredictionBatch {
  const { from = 0, ...columns } = overrides;
  const rows = Array.from({ length: count }, (_, i) => from + i);
  return {
    count,
    model: "m",
    role: "champion",
    predictionIds: rows.map((row) => `prediction-${row}`),
    eventIds: rows.map((row) => `event-${row}`),
    entities: rows.map((row) => `entity-${row % 7}`),
    bodies: rows.map((row) => JSON.stringify({ predictionId: `prediction-${row}`, outputs: { p: row } })),
    features: rows.map((row) => Uint8Array.of(row & 255, row >> 8, 255)),
    expiresAt: rows.map((row) => 1_800_000_000 + row),
    ...columns,
  };
}

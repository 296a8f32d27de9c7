import type { AccuracyFigures } from "../../functions/core/outcome/accuracy/accuracy-partial.ts";
import type { AccuracySeries } from "../../functions/core/outcome/accuracy-series.ts";
import { formatTable } from "../summary/table.ts";

/** A figure as a table shows it: its heading, where it stands, and how it is written. */
interface Column {
  readonly heading: string;
  readonly figure: string;
  readonly write: (value: number) => string;
}

const plain = (value: number) => value.toFixed(4);
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const count = (value: number) => value.toLocaleString("en-US");
const number = (value: number) => value.toLocaleString("en-US", { maximumSignificantDigits: 5 });

const outcomes: Column = { heading: "outcomes", figure: "count", write: count };
const ofProbabilities: readonly Column[] = [
  { heading: "AUC", figure: "auc", write: plain },
  { heading: "log-loss", figure: "logLoss", write: plain },
  { heading: "Brier", figure: "brier", write: plain },
  { heading: "ECE", figure: "ece", write: plain },
  { heading: "accuracy", figure: "accuracy", write: percent },
  { heading: "precision", figure: "precision", write: percent },
  { heading: "recall", figure: "recall", write: percent },
];

const columnsOf: Readonly<Record<AccuracyFigures["kind"], readonly Column[]>> = {
  binary: [outcomes, { heading: "yes", figure: "positives", write: count }, ...ofProbabilities],
  classes: [outcomes, ...ofProbabilities],
  number: [
    outcomes,
    { heading: "MAE", figure: "mae", write: number },
    { heading: "RMSE", figure: "rmse", write: number },
    { heading: "bias", figure: "bias", write: number },
  ],
};

/** Lay a model's accuracy out for the terminal: a table per version and role, a line per span. */
export function formatAccuracy(model: string, series: readonly AccuracySeries[]): readonly string[] {
  if (series.length === 0) return [`${model}: no outcome has been joined with a prediction of that time`];
  return series.flatMap(({ role, digest, spans, total }, i) => {
    const columns = columnsOf[total.kind];
    const rows = [...spans, { begins: "all", figures: total }].map(({ begins, figures }) => [
      begins.replace("T", " "),
      ...columns.map((column) => cellOf(column, figures)),
    ]);
    const head = ["events of, UTC", ...columns.map(({ heading }) => heading)];
    const lines = formatTable([head, ...rows], { gap: 2, alignRight: columns.map((_, at) => at + 1) });
    return [
      ...(i === 0 ? [] : [""]),
      `${model} ${role} ${digest.slice(0, 12)}`,
      ...lines.map((line) => `  ${line}`),
    ];
  });
}

function cellOf({ figure, write }: Column, figures: AccuracyFigures): string {
  const value = (figures as unknown as Readonly<Record<string, number | undefined>>)[figure];
  return value === undefined ? "–" : write(value);
}

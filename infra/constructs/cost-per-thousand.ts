import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";

/** Units used, and what a million of them costs. */
export interface CostTerm {
  readonly units: cloudwatch.Metric;
  /** USD. */
  readonly perMillion: number;
}

export interface CostPerThousandProps {
  /** What only this model uses. */
  readonly own: readonly CostTerm[];
  /** What all models use; each bears it by its share of the predictions. */
  readonly shared: readonly CostTerm[];
  readonly predictions: cloudwatch.Metric;
  /** Predictions of every model, this one's among them. */
  readonly allPredictions: readonly cloudwatch.Metric[];
}

/** Estimated USD per thousand predictions of a model; none where there were none. Over five minutes each. */
export function costPerThousand(props: CostPerThousandProps): cloudwatch.MathExpression {
  const period = Duration.minutes(5);
  const usingMetrics: Record<string, cloudwatch.IMetric> = {};
  const use = (name: string, metric: cloudwatch.Metric): string => {
    usingMetrics[name] = metric.with({ period, statistic: cloudwatch.Stats.SUM });
    // A term without data, such as a function that was not called, must not blank the sum.
    return `FILL(${name}, 0)`;
  };
  const sum = (name: string, terms: readonly CostTerm[]) =>
    terms.map((term, i) => `${use(`${name}${i}`, term.units)} * ${decimal(term.perMillion)}`).join(" + ");
  const predictions = use("predictions", props.predictions);
  const all = props.allPredictions.map((metric, i) => use(`all${i}`, metric)).join(" + ");
  const own = sum("own", props.own);
  const shared = sum("shared", props.shared);
  return new cloudwatch.MathExpression({
    label: "USD per 1,000 predictions",
    expression: `IF(${predictions} > 0, ((${own}) / ${predictions} + (${shared}) / (${all})) / 1000)`,
    usingMetrics,
    period,
  });
}

/** Metric math knows no exponents. */
function decimal(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, "");
}

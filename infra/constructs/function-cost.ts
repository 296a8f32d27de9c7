import type * as lambda from "aws-cdk-lib/aws-lambda";
import { pricesPerMillion } from "../config/prices.ts";
import type { Architecture } from "../config/target.ts";
import type { CostTerm } from "./cost-per-thousand.ts";

export interface FunctionSize {
  readonly memoryMiB: number;
  readonly architecture: Architecture;
}

/** What a function's calls cost: its time by its memory, and each call. */
export function functionCost(fn: lambda.IFunction, { memoryMiB, architecture }: FunctionSize): CostTerm[] {
  const perMillionMs = (pricesPerMillion.lambdaGibSeconds[architecture] * (memoryMiB / 1024)) / 1000;
  return [
    { units: fn.metricDuration(), perMillion: perMillionMs },
    { units: fn.metricInvocations(), perMillion: pricesPerMillion.lambdaRequests },
  ];
}

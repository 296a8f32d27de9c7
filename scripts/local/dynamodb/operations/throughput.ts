import { z } from "zod";
import { invalid } from "../errors.ts";
import type { TableDefinition } from "../table-definition.ts";

/** How a table is billed. Nothing is throttled by it. */
export const billingFields = {
  BillingMode: z.enum(["PROVISIONED", "PAY_PER_REQUEST"]).optional(),
  ProvisionedThroughput: z
    .object({
      ReadCapacityUnits: z.number().int().min(1),
      WriteCapacityUnits: z.number().int().min(1),
    })
    .optional(),
} as const;

/** @throws {AwsError} `ValidationException` when the mode and the units contradict each other. */
export function throughputOf(request: {
  readonly BillingMode?: "PROVISIONED" | "PAY_PER_REQUEST" | undefined;
  readonly ProvisionedThroughput?:
    | { readonly ReadCapacityUnits: number; readonly WriteCapacityUnits: number }
    | undefined;
}): Pick<TableDefinition, "onDemand" | "readCapacityUnits" | "writeCapacityUnits"> {
  const { BillingMode = "PROVISIONED", ProvisionedThroughput: units } = request;
  if (BillingMode === "PAY_PER_REQUEST") {
    if (units === undefined) return { onDemand: true, readCapacityUnits: 0, writeCapacityUnits: 0 };
    throw invalid(
      "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    );
  }
  if (units !== undefined) {
    return {
      onDemand: false,
      readCapacityUnits: units.ReadCapacityUnits,
      writeCapacityUnits: units.WriteCapacityUnits,
    };
  }
  throw invalid(
    "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
  );
}

import * as z from "zod";

/** When the bill is too high. It is the whole account's: AWS tells costs apart only by tags that an owner has activated. */
export const budgetSettings = z.strictObject({
  monthlyUsd: z.number().gt(0),
  /** Who is told, at most ten; none: the alarm topic is. */
  emails: z.array(z.email()).max(10).default([]),
});

export type BudgetSettings = z.infer<typeof budgetSettings>;

import * as budgets from "aws-cdk-lib/aws-budgets";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { BudgetSettings } from "../config/budget-settings.ts";

export interface CostBudgetProps {
  readonly settings: BudgetSettings;
  /** Told where no e-mail address is. */
  readonly alarms: sns.ITopic;
}

/** Tells when the account's month costs, or will by its forecast cost, more than it should. */
export class CostBudget extends Construct {
  constructor(scope: Construct, id: string, { settings, alarms }: CostBudgetProps) {
    super(scope, id);
    const subscribers =
      settings.emails.length === 0
        ? [{ subscriptionType: "SNS", address: alarms.topicArn }]
        : settings.emails.map((address) => ({ subscriptionType: "EMAIL", address }));
    new budgets.CfnBudget(this, "Budget", {
      budget: {
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: settings.monthlyUsd, unit: "USD" },
      },
      notificationsWithSubscribers: ["ACTUAL", "FORECASTED"].map((notificationType) => ({
        notification: {
          notificationType,
          comparisonOperator: "GREATER_THAN",
          threshold: 100,
          thresholdType: "PERCENTAGE",
        },
        subscribers,
      })),
    });
  }
}

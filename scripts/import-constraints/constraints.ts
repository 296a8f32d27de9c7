import * as z from "zod";

const feature = z.object({
  name: z.string(),
  inferred_type: z.string().optional(),
  completeness: z.number().min(0).max(1).optional(),
  num_constraints: z.object({ is_non_negative: z.boolean().optional() }).optional(),
  string_constraints: z.object({ domains: z.array(z.string()).optional() }).optional(),
  monitoringConfigOverrides: z.record(z.string(), z.unknown()).optional(),
});

/**
 * `constraints.json` of SageMaker Model Monitor, as far as something follows from it.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html
 */
export const constraints = z.object({
  features: z.array(feature),
  monitoring_config: z
    .object({
      /** Shares of values that must match: baselines that SageMaker's containers suggest have 1.0 here. */
      datatype_check_threshold: z.number().optional(),
      domain_content_threshold: z.number().min(0).max(1).optional(),
      distribution_constraints: z
        .object({
          perform_comparison: z.string().optional(),
          comparison_threshold: z.number().positive().optional(),
          comparison_method: z.string().optional(),
          categorical_comparison_threshold: z.number().positive().optional(),
          categorical_drift_method: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
});

export type Constraints = z.infer<typeof constraints>;
export type FeatureConstraints = z.infer<typeof feature>;

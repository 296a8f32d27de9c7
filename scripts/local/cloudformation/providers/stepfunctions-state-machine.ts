import { randomUUID } from "node:crypto";
import { z } from "zod";
import { defineProvider } from "../provider.ts";

export const stepFunctionsStateMachine = defineProvider({
  type: "AWS::StepFunctions::StateMachine",
  properties: z.object({
    StateMachineName: z.string().optional(),
    StateMachineType: z
      .literal("STANDARD", { error: "express workflows are not supported" })
      .default("STANDARD"),
    RoleArn: z.string(),
    DefinitionString: z.string().optional(),
    Definition: z.record(z.string(), z.unknown()).optional(),
    DefinitionSubstitutions: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    LoggingConfiguration: z.unknown().optional(),
    TracingConfiguration: z.unknown().optional(),
  }),
  create: async ({ cloud, physicalName }, properties) => {
    const { DefinitionString, Definition, DefinitionSubstitutions } = properties;
    if ((DefinitionString === undefined) === (Definition === undefined)) {
      throw new Error(
        "got none or both of DefinitionString and Definition, expected one; definitions in S3 are not supported",
      );
    }
    const written = DefinitionString ?? JSON.stringify(Definition);
    const definitionText = Object.entries(DefinitionSubstitutions).reduce(
      (text, [name, value]) => text.replaceAll(`\${${name}}`, () => String(value)),
      written,
    );
    const { arn, name } = cloud.stateMachines.create({
      name: properties.StateMachineName ?? physicalName({ maxLength: 80 }),
      roleArn: properties.RoleArn,
      definitionText,
      loggingConfiguration: properties.LoggingConfiguration,
      tracingConfiguration: properties.TracingConfiguration,
    });
    return {
      physicalId: arn,
      attributes: { Arn: arn, Name: name, StateMachineRevisionId: randomUUID() },
      remove: async () => cloud.stateMachines.delete(arn),
    };
  },
});

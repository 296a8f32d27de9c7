import * as z from "zod/mini";

/** The stage whose stacks a command works on. */
export const stageName = z.enum(["dev", "prod"]);
export type StageName = z.infer<typeof stageName>;

/** Name of a stack, as CloudFormation shows it. */
export function stackName(
  stage: StageName,
  part: "State" | "Learning" | "Serving" | "Observability",
): string {
  return `Headrace-${stage}-${part}`;
}

/** Outputs of the state stack: what producers, consumers and the CLI need to find. */
export const stateOutputs = z.object({
  EventsStreamName: z.string(),
  PredictionsStreamName: z.string(),
  LedgerTableName: z.string(),
  PredictionsTableName: z.string(),
  CacheTableName: z.string(),
  TilesTableName: z.string(),
  SketchesTableName: z.string(),
  ModelsBucketName: z.string(),
  DataBucketName: z.string(),
  /** Takes what the event sources gave up on: whole invocation payloads, under `aws/lambda/…`. */
  ParkedBucketName: z.string(),
});
export type StateOutputs = z.infer<typeof stateOutputs>;

/** Outputs of the serving stack: what callers over HTTPS need to find; none where the API is switched off. */
export const servingOutputs = z.object({
  /** Id of the REST API: on an emulator its URL is made of it. */
  ApiId: z.string(),
  /** Where it answers in AWS, with the stage: `https://…/<stage>/`. */
  ApiUrl: z.string(),
  /** Id of the API key; its value is read by `GetApiKey`, never an output. Absent where calls are signed instead. */
  ApiKeyId: z.optional(z.string()),
});
export type ServingOutputs = z.infer<typeof servingOutputs>;

/** Output of the serving stack that publishing asks for, API or not. */
export const servedModels = z.object({
  /** Names, separated by commas, of the models set to `stateful: false`; absent where there are none. */
  StatelessModels: z.optional(z.string()),
});
export type ServedModels = z.infer<typeof servedModels>;

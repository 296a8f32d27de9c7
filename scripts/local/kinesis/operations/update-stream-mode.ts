import { z } from "zod";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamArnField } from "../parse-input.ts";

/** Switch between on demand and provisioned; the shards stay as they are. */
export function updateStreamMode(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, { StreamARN: request.StreamARN });
  stream.onDemand = request.StreamModeDetails.StreamMode === "ON_DEMAND";
}

const requestSchema = z.object({
  StreamARN: streamArnField,
  StreamModeDetails: z.object({ StreamMode: z.enum(["PROVISIONED", "ON_DEMAND"]) }),
});

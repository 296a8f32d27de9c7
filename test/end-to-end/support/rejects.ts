import type { KinesisStreamEvent } from "aws-lambda";
import { type Reject, reject } from "../../../functions/contract/reject.ts";
import { readLines, readObjects } from "./objects.ts";
import type { Stage } from "./stage.ts";

/** A reject as it stands in S3. */
export interface StoredReject extends Reject {
  /** The original. */
  readonly bytes: Buffer;
  readonly text: string;
}

/** Every reject of a model, each line checked against the contract. */
export async function readRejects(stage: Stage, model: string): Promise<readonly StoredReject[]> {
  return (await readLines(stage, `rejects/${model}/`)).map((line) => {
    const parsed = reject.parse(JSON.parse(line));
    const bytes = Buffer.from(parsed.data ?? "", "base64");
    return { ...parsed, bytes, text: bytes.toString("utf8") };
  });
}

/** What event sources gave up on: the parked payloads, as Lambda wrote them. */
export async function readParked(stage: Stage): Promise<readonly ParkedPayload[]> {
  const objects = await readObjects(stage, stage.outputs.ParkedBucketName, "aws/lambda/");
  return objects.map(({ body }) => {
    const { payload, ...parked } = JSON.parse(Buffer.from(body).toString("utf8"));
    return { condition: parked.requestContext.condition, event: JSON.parse(payload) };
  });
}

export interface ParkedPayload {
  readonly condition: string;
  readonly event: KinesisStreamEvent;
}

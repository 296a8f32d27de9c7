import { AwsError } from "../aws-error.ts";
import type { Item } from "./attribute-value.ts";

/** What DynamoDB answers to nearly every request that it cannot make sense of. */
export function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

/** The body is not of the shape that the protocol has. */
export function malformed(message: string): AwsError {
  return new AwsError("SerializationException", message);
}

/** A condition did not hold. */
export class ConditionalCheckFailed extends AwsError {
  /** What stands, where the caller asked for it and there is something. */
  readonly item: Item | undefined;

  constructor(item: Item | undefined) {
    super("ConditionalCheckFailedException", "The conditional request failed");
    this.item = item;
  }
}

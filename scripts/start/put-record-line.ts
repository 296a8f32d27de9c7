import type { DepartureEvent } from "../flights/departure-event.ts";

/**
 * The shell command that puts a departure on the stream.
 *
 * The bytes go through `fileb:`, since `--data` itself is plain text to version 1 of the aws CLI and base64 to
 * version 2.
 */
export function putRecordLine(
  { endpoint, streamName, environment }: PutTarget,
  event: DepartureEvent,
): string {
  const variables = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"]
    .map((name) => `${name}=${environment[name] ?? ""}`)
    .join(" ");
  return (
    `echo '${JSON.stringify(event)}' | ${variables} aws kinesis put-record --endpoint-url ${endpoint} ` +
    `--stream-name ${streamName} --partition-key ${event.origin} --data fileb:///dev/stdin`
  );
}

export interface PutTarget {
  readonly endpoint: string;
  readonly streamName: string;
  /** Variables that the SDK needs to reach the endpoint. */
  readonly environment: Readonly<Record<string, string>>;
}

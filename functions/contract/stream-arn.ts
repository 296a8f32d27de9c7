/**
 * The ARN of the stream that an event source reads.
 *
 * Enhanced fan-out names its consumer behind the stream, `…:stream/<name>/consumer/<consumer>:<created>`; a record stands
 * where it stands, whoever reads it.
 */
export function streamArnOf(eventSourceArn: string): string {
  return eventSourceArn.replace(/\/consumer\/.*$/, "");
}

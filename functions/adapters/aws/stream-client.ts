import type {
  ListShardsInput,
  ListShardsOutput,
  PutRecordsInput,
  PutRecordsOutput,
} from "@aws-sdk/client-kinesis";
import { createJsonCaller, type JsonCallerOptions, type JsonService } from "./json-caller.ts";
import { jsonError, parseErrorBody } from "./json-error.ts";

/**
 * The two calls of Kinesis that the functions make, without the SDK's client for all of it.
 *
 * A call throws a `JsonError` of Kinesis' answer, and what the sender throws where there is none.
 */
export interface StreamClient {
  /** A request that met a closed connection is sent once more: its records may then stand on the stream twice. */
  putRecords(input: PutRecordsInput): Promise<PutRecordsOutput>;
  /** Filters by time are not taken: on the wire a time is a number of seconds. */
  listShards(
    input: Omit<ListShardsInput, "StreamCreationTimestamp" | "ShardFilter">,
  ): Promise<ListShardsOutput>;
  /** Close the connections that are idle. */
  destroy(): void;
}

const kinesis: JsonService = {
  name: "KINESIS",
  id: "kinesis",
  targetPrefix: "Kinesis_20131202",
  jsonVersion: "1.1",
  errorOf: (answer) => jsonError("Kinesis", answer, parseErrorBody(answer.text)),
};

export function createStreamClient(options: JsonCallerOptions): StreamClient {
  const call = createJsonCaller(kinesis, options);
  return {
    putRecords: (input) => call("PutRecords", input),
    listShards: (input) => call("ListShards", input),
    destroy: () => options.sender.destroy(),
  };
}

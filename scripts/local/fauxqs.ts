import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buildApp } from "fauxqs";
import { AwsError } from "./aws-error.ts";
import { honourConditionalPuts } from "./conditional-put.ts";
import { answerError } from "./error-answer.ts";
import { type PublishedMessage, watchPublished } from "./published-messages.ts";
import { keepQueueUrlsLocal } from "./queue-urls.ts";
import { type LocalService, localRegion } from "./service.ts";
import { readServiceCall } from "./service-call.ts";

/**
 * S3, SQS and SNS in memory: fauxqs, driven in this process without a port of its own.
 *
 * SNS delivers to SQS; other subscriptions are kept and get nothing. Not as in AWS, for S3: no versions, no stored
 * `Content-Encoding`, no sub-resources (policy, tagging, lifecycle, …); of conditional writes there is `If-None-Match: *`
 * on PutObject, and others are refused with 501 where fauxqs would overwrite in silence.
 *
 * @param options - `onPublish` hears of each message on a topic.
 */
export async function createFauxqs({
  onPublish,
}: {
  readonly onPublish?: (published: PublishedMessage) => void;
} = {}): Promise<LocalService> {
  const app = buildApp({ logger: false, defaultRegion: localRegion });
  // fauxqs stops at 11 MiB, less than many a model; a single PUT may have 5 GiB in AWS, this has to fit in memory.
  app.removeContentTypeParser("*");
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: maxObjectBytes }, (_request, body, done) => {
    done(null, body);
  });
  keepQueueUrlsLocal(app);
  honourConditionalPuts(app);
  if (onPublish !== undefined) watchPublished(app, onPublish);
  await app.ready();

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const call = readServiceCall(request);
    if (call?.service === "s3" && call.operation === "Other") {
      refuseS3(request, response);
      return;
    }
    if (call?.service === "sqs" && !sqsOperations.has(call.operation)) {
      refuseSqs(request, response, call.operation);
      return;
    }
    if (call?.operation === "GetBucketLocation") {
      response.setHeader("content-type", "application/xml");
      // us-east-1 is the one region whose constraint is empty.
      response.end(`<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`);
      return;
    }
    response.setHeader("x-amzn-requestid", randomUUID());
    app.routing(request, response);
  }

  return {
    signingNames: ["s3", "sqs", "sns"],
    handle,
    close: async () => {
      await app.close();
    },
  };
}

/** 1 GiB. */
const maxObjectBytes = 1024 ** 3;

function refuseS3(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const message =
    `the embedded S3 has no such operation: ${request.method} ${request.url}; it has GetObject, PutObject, CopyObject, ` +
    "HeadObject, DeleteObject, DeleteObjects, ListObjects, ListObjectsV2, ListBuckets, CreateBucket, HeadBucket, " +
    "DeleteBucket, GetBucketLocation and multipart uploads, without versions, and of conditional writes PutObject with If-None-Match: * only";
  answerError(request, response, { error: new AwsError("NotImplemented", message, 501), service: "s3" });
}

const sqsOperations: ReadonlySet<string> = new Set([
  ...[
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "CreateQueue",
    "DeleteMessage",
    "DeleteMessageBatch",
  ],
  ...[
    "DeleteQueue",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListQueueTags",
    "ListQueues",
    "PurgeQueue",
    "ReceiveMessage",
  ],
  ...["SendMessage", "SendMessageBatch", "SetQueueAttributes", "TagQueue", "UntagQueue"],
]);

function refuseSqs(request: IncomingMessage, response: ServerResponse, operation: string): void {
  request.resume();
  const message = `the embedded SQS has no ${operation}; it has ${[...sqsOperations].join(", ")}`;
  answerError(request, response, { error: new AwsError("InvalidAction", message), service: "sqs" });
}

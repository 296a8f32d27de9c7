import type { IncomingMessage } from "node:http";
import { readRequestUrl } from "./request-url.ts";

/**
 * Name the S3 operation of a path-style request, e.g. `GetObject`.
 *
 * @returns the operation that the embedded cloud serves, or `Other`: a sub-resource such as `?versioning` or
 * `?tagging`, a version of an object, a conditional write other than a PutObject with `If-None-Match: *`.
 */
export function nameS3Operation(request: Pick<IncomingMessage, "headers" | "method" | "url">): string {
  const url = readRequestUrl(request);
  const method = request.method ?? "GET";
  const query = url.searchParams;
  for (const name of query.keys()) if (!servedParameters.has(name.toLowerCase())) return "Other";
  const [, bucket, ...key] = url.pathname.split("/");
  if (!bucket) return method === "GET" ? "ListBuckets" : "Other";
  if (key.join("/") === "") return nameBucketOperation(method, query);
  if (method === "PUT") return nameWrite(request, query);
  if (method === "POST" && query.has("uploads")) return "CreateMultipartUpload";
  if (method === "POST") return query.has("uploadId") ? "CompleteMultipartUpload" : "Other";
  if (method === "DELETE" && query.has("uploadId")) return "AbortMultipartUpload";
  if (query.has("uploadId")) return "Other";
  return { GET: "GetObject", HEAD: "HeadObject", DELETE: "DeleteObject" }[method] ?? "Other";
}

function nameBucketOperation(method: string, query: URLSearchParams): string {
  if (method === "GET" && query.has("location")) return "GetBucketLocation";
  if (method === "GET" && query.has("uploads")) return "Other";
  if (method === "GET") return query.get("list-type") === "2" ? "ListObjectsV2" : "ListObjects";
  if (method === "POST") return query.has("delete") ? "DeleteObjects" : "Other";
  return { PUT: "CreateBucket", HEAD: "HeadBucket", DELETE: "DeleteBucket" }[method] ?? "Other";
}

function nameWrite(request: Pick<IncomingMessage, "headers">, query: URLSearchParams): string {
  // fauxqs would overwrite the object in silence, which is what the condition is there to prevent.
  const isNew = request.headers["if-none-match"];
  const isPlain = !query.has("partNumber") && request.headers["x-amz-copy-source"] === undefined;
  if (request.headers["if-match"] || (isNew && !(isNew === "*" && isPlain))) return "Other";
  if (query.has("partNumber")) return request.headers["x-amz-copy-source"] ? "Other" : "UploadPart";
  return request.headers["x-amz-copy-source"] ? "CopyObject" : "PutObject";
}

/** Query parameters with a meaning here or none at all; any other names a sub-resource that fauxqs would misread. */
const servedParameters: ReadonlySet<string> = new Set(
  [
    [
      "continuation-token",
      "delimiter",
      "delete",
      "encoding-type",
      "fetch-owner",
      "list-type",
      "location",
      "marker",
    ],
    [
      "max-keys",
      "partnumber",
      "prefix",
      "start-after",
      "uploadid",
      "uploads",
      "x-id",
      "response-content-type",
    ],
    ["x-amz-algorithm", "x-amz-content-sha256", "x-amz-credential", "x-amz-date", "x-amz-expires"],
    ["x-amz-security-token", "x-amz-signature", "x-amz-signedheaders", "x-amz-user-agent"],
    ["x-amz-checksum-mode", "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"],
  ].flat(),
);

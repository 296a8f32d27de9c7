import { describe, expect, it } from "vitest";
import { readServiceCall } from "../../../scripts/local/service-call.ts";

const signed = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

describe("readServiceCall", () => {
  it.each([
    ["GET", "/", {}, "ListBuckets"],
    ["PUT", "/b", {}, "CreateBucket"],
    ["PUT", "/b/", {}, "CreateBucket"],
    ["HEAD", "/b", {}, "HeadBucket"],
    ["DELETE", "/b", {}, "DeleteBucket"],
    ["GET", "/b?list-type=2&prefix=x", {}, "ListObjectsV2"],
    ["GET", "/b?prefix=x", {}, "ListObjects"],
    ["GET", "/b?location", {}, "GetBucketLocation"],
    ["POST", "/b?delete", {}, "DeleteObjects"],
    ["GET", "/b/a/deep/key.bin?x-id=GetObject", {}, "GetObject"],
    ["HEAD", "/b/k", {}, "HeadObject"],
    ["PUT", "/b/k?x-id=PutObject", {}, "PutObject"],
    ["PUT", "/b/k", { "x-amz-copy-source": "/b/j" }, "CopyObject"],
    ["DELETE", "/b/k", {}, "DeleteObject"],
    ["POST", "/b/k?uploads", {}, "CreateMultipartUpload"],
    ["PUT", "/b/k?partNumber=1&uploadId=u", {}, "UploadPart"],
    ["POST", "/b/k?uploadId=u", {}, "CompleteMultipartUpload"],
    ["DELETE", "/b/k?uploadId=u", {}, "AbortMultipartUpload"],
    ["PUT", "/b/k", { "if-none-match": "*" }, "PutObject"],
    ["GET", "/b?versioning", {}, "Other"],
    ["GET", "/b/k?versionId=1", {}, "Other"],
    ["PUT", "/b/k?tagging", {}, "Other"],
  ])("names S3's %s %s %o as %s %s", (method, url, headers, operation) => {
    const request = { method, url, headers: { ...headers, authorization: signed("s3") } };
    expect(readServiceCall(request)).toEqual({ service: "s3", operation });
  });

  it("takes the operation of a JSON service from its target", () => {
    const headers = { authorization: signed("kinesis"), "x-amz-target": "Kinesis_20131202.PutRecords" };
    expect(readServiceCall({ method: "POST", url: "/", headers })).toEqual({
      service: "kinesis",
      operation: "PutRecords",
    });
  });

  it("knows a service by its target when the request is unsigned", () => {
    const headers = { "x-amz-target": "DynamoDB_20120810.GetItem" };
    expect(readServiceCall({ method: "POST", url: "/", headers })).toEqual({
      service: "dynamodb",
      operation: "GetItem",
    });
  });

  it("reads the scope of a presigned request and of version 4A, which names no region", () => {
    const presigned =
      "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fs3%2Faws4_request";
    expect(readServiceCall({ method: "GET", url: presigned, headers: {} })).toEqual({
      service: "s3",
      operation: "GetObject",
    });
    const authorization = "AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/sts/aws4_request, Signature=0";
    expect(readServiceCall({ method: "POST", url: "/", headers: { authorization } })?.service).toBe("sts");
  });

  it("does not know an unsigned request without a target", () => {
    expect(readServiceCall({ method: "GET", url: "/b/k", headers: {} })).toBeUndefined();
  });
});

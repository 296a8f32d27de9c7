import { describe, expect, it } from "vitest";
import { readBatchResponse } from "../../../../scripts/local/lambda/batch-response.ts";

const sequenceNumbers = ["101", "102", "103"];
const failures = (...items: unknown[]) => ({ batchItemFailures: items });

describe("a batch response", () => {
  it.each([null, "", [], {}, { other: 1 }, failures(), { batchItemFailures: null }])(
    "is success: %j",
    (response) => {
      expect(readBatchResponse(JSON.stringify(response), sequenceNumbers)).toEqual({ kind: "success" });
    },
  );

  it("is success when it is empty", () => {
    expect(readBatchResponse("", sequenceNumbers)).toEqual({ kind: "success" });
  });

  it.each([
    failures({ itemIdentifier: "" }),
    failures({ itemIdentifier: null }),
    failures({ itemIdentifier: 102 }),
    failures({ sequenceNumber: "102" }),
    failures({ itemIdentifier: "104" }),
    failures({ itemIdentifier: "102" }, { itemIdentifier: "unknown" }),
    failures(null),
    failures("102"),
    { batchItemFailures: "102" },
    { batchItemFailures: { itemIdentifier: "102" } },
    "done",
    7,
    true,
    ["102"],
  ])("fails the whole batch: %j", (response) => {
    expect(readBatchResponse(JSON.stringify(response), sequenceNumbers)).toMatchObject({ kind: "failed" });
  });

  it("fails the whole batch when it is not JSON", () => {
    expect(readBatchResponse("{", sequenceNumbers)).toMatchObject({ kind: "failed" });
  });

  it.each([
    ["103", "102"],
    ["102", "103"],
  ])("is done up to the lowest reported record, reported as %s, %s", (...identifiers) => {
    const response = JSON.stringify(failures(...identifiers.map((itemIdentifier) => ({ itemIdentifier }))));
    expect(readBatchResponse(response, sequenceNumbers)).toEqual({ kind: "partial", index: 1 });
  });
});

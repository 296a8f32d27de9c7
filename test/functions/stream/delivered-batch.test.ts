import { expect, it } from "vitest";
import { openBatch } from "../../../functions/stream/delivered-batch.ts";
import { ask, delivery, streamArn } from "./set-up.ts";

it("places a record alike whether a fan-out consumer or the stream itself delivers it", () => {
  const shared = delivery([ask("a", 0), ask("b", 1)]);
  const own = {
    Records: shared.Records.map((record) => ({
      ...record,
      eventSourceARN: `${streamArn}/consumer/flight-delay:1700000000`,
    })),
  };
  expect(openBatch(own).range).toEqual(openBatch(shared).range);
  expect(openBatch(own).range.stream).toBe("events");
  expect(openBatch(own).placeOf(1, 2)).toEqual(openBatch(shared).placeOf(1, 2));
});

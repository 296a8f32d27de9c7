import { beforeAll, describe, expect, it } from "vitest";
import type { LoadedModel } from "../../../functions/core/inference/loaded-model.ts";
import type { PastEvent } from "../../../scripts/archive/archived-object.ts";
import { createSpanFilter, neededSpan } from "../../../scripts/backfill/event-span.ts";
import { tablePackage } from "../../functions/stream/set-up.ts";
import { loadFiles } from "./live-stage.ts";

const at = (text: string) => Date.parse(`2001-01-31T${text}Z`);
/** A view of five-minute tiles, so of blocks of an hour, and a window of three hours; outcomes count for 48. */
let model: LoadedModel;

beforeAll(async () => {
  model = await loadFiles(
    tablePackage({
      features: {
        place: { from: "place" },
        other: { view: "calls", key: "who", agg: "count", over: "3h" },
      },
      views: { calls: { on: { type: "call" }, key: "who", time: "at", tile: "5m" } },
      outcome: { on: { type: "paid" }, id: "about", time: "at", label: { from: "amount" }, within: "48h" },
    }),
  );
});

describe("neededSpan", () => {
  it("reaches back to the first tile of the first window, and on to the last outcome that counts", () => {
    const span = neededSpan(model, { fromMs: at("12:02:00"), toMs: at("14:00:00") });
    expect(new Date(span.fromMs).toISOString()).toBe("2001-01-31T09:05:00.000Z");
    // An outcome exactly 48 hours later still counts.
    expect(new Date(span.toMs).toISOString()).toBe("2001-02-02T14:00:00.001Z");
  });

  it("takes in whole the blocks that the span touches", async () => {
    const short = await loadFiles(
      tablePackage({
        features: {
          place: { from: "place" },
          other: { view: "calls", key: "who", agg: "count", over: "5m" },
        },
        views: { calls: { on: { type: "call" }, key: "who", time: "at", tile: "5m" } },
      }),
    );
    const span = neededSpan(short, { fromMs: at("12:20:00"), toMs: at("14:20:00") });
    expect(Object.values(span)).toEqual([at("12:00:00"), at("15:00:00")]);
    expect(neededSpan(short, { fromMs: at("12:20:00"), toMs: Infinity }).toMs).toBe(Infinity);
  });
});

describe("createSpanFilter", () => {
  const arrivedAtMs = at("12:30:00");
  const pastEvent = (data: string | object | undefined): PastEvent => ({
    ...{ shard: "a", sequenceNumber: "1", subIndex: 0, partitionKey: "k", arrivedAtMs },
    ...(data !== undefined && { data: Buffer.from(typeof data === "string" ? data : JSON.stringify(data)) }),
  });

  it("goes by the time of what an event asks, feeds or tells, not by when it arrived", () => {
    const isWithin = createSpanFilter(model, { fromMs: at("12:00:00"), toMs: at("13:00:00") });
    const [before, first, last, behind] = ["11:59:59.999", "12:00:00", "12:59:59.999", "13:00:00"];
    const kinds = {
      ask: { type: "ask", id: "1", place: 0, who: "x" },
      call: { type: "call", who: "x" },
      paid: { type: "paid", about: "1", amount: 3 },
    };
    for (const event of Object.values(kinds)) {
      const answers = [before, first, last, behind].map((time) =>
        isWithin(pastEvent({ ...event, at: `2001-01-31T${time}Z` })),
      );
      expect(answers, event.type).toEqual([false, true, true, false]);
    }
  });

  it("passes over what concerns the model in nothing, and takes what is at fault by its arrival", () => {
    const around = createSpanFilter(model, { fromMs: at("12:00:00"), toMs: at("13:00:00") });
    const elsewhere = createSpanFilter(model, { fromMs: at("14:00:00"), toMs: at("15:00:00") });
    expect(around(pastEvent({ type: "other", at: "2001-01-31T12:30:00Z" }))).toBe(false);
    expect(around(pastEvent(undefined))).toBe(false);
    for (const bad of ["no JSON", { type: "call", at: "no time", who: "x" }, { type: "ask", id: {} }]) {
      expect([around(pastEvent(bad)), elsewhere(pastEvent(bad))]).toEqual([true, false]);
    }
  });
});

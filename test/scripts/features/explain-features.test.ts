import { describe, expect, it } from "vitest";
import { MemoryConcealerKeys } from "../../../functions/adapters/memory/memory-concealer-keys.ts";
import type { LoadOptions } from "../../../functions/core/inference/loaded-model.ts";
import { createConcealer } from "../../../functions/core/private/concealer.ts";
import { createViewReader } from "../../../functions/predict/view-reader.ts";
import { explainFeatures } from "../../../scripts/features/explain-features.ts";
import { logisticModel } from "../../../scripts/onnx/example-models.ts";
import { packageOf, setUp } from "../../functions/stream/set-up.ts";

const key = new Uint8Array(32).fill(7);
const nowMs = Date.UTC(2001, 0, 31, 12);

/** Payments of customers, of whom the last hours are known; six columns. */
const declaration = {
  name: "payments",
  event: { id: "id", time: "at" },
  predictOn: { type: "payment" },
  features: {
    amount: { from: "cart.amount", as: { log: { plus: 1 } }, default: 0 },
    kind: { from: "kind", as: { oneHot: ["card", "cash"], unknown: "zeros" } },
    paid_2h: {
      view: "receipts",
      key: "customer",
      agg: "sum",
      over: "2h",
      default: -1,
      as: { scale: { min: 0, max: 4 } },
    },
    receipts_3d: { view: "receipts", key: "customer", agg: "count", over: "3d" },
    elsewhere: { view: "receipts", key: "rival", agg: "mean", over: "2h", default: -1 },
  },
  views: {
    receipts: { on: { type: "receipt" }, key: "who", value: "paid", time: "at", tile: "5m" },
  },
  outputs: { score: { from: "score", index: 0 } },
};
const receipts = [
  { type: "receipt", who: "ada", paid: 8, at: "2001-01-30T08:01:00Z" },
  { type: "receipt", who: "ada", paid: 3, at: "2001-01-31T05:11:00Z" },
  { type: "receipt", who: "ada", paid: 2.5, at: "2001-01-31T05:13:00Z" },
  { type: "receipt", who: "bob", paid: 100, at: "2001-01-31T06:31:00Z" },
  { type: "receipt", who: "ada", paid: 4, at: "2001-01-31T06:41:00Z" },
];
const payment = {
  type: "payment",
  ...{ id: "p-1", at: "2001-01-31T06:44:00Z", customer: "ada", rival: "nobody", kind: "cash" },
  cart: { amount: 1005.5 },
};

async function explainer(changes: object = {}, load: Partial<LoadOptions> = {}) {
  const files = packageOf(logisticModel({ featureCount: 6 }), { ...declaration, ...changes });
  const { loader, digest, deliver, tiles } = await setUp(files, {}, load);
  expect(await deliver(receipts)).toEqual([]);
  const model = await loader.load(digest!);
  const viewsOf = createViewReader(tiles, () => nowMs);
  const explain = async (event: object | string) =>
    await explainFeatures(Buffer.from(typeof event === "string" ? event : JSON.stringify(event)), {
      ...{ model, views: await viewsOf(model), nowMs },
    });
  return { explain, digest };
}

describe("explainFeatures", () => {
  it("gives every feature as the model gets it, in order, and where it comes from", async () => {
    const { explain, digest } = await explainer();
    expect(await explain(payment)).toEqual({
      ...{ model: "payments", digest, eventId: "p-1", eventTime: "2001-01-31T06:44:00.000Z", asks: true },
      features: [
        {
          name: "amount",
          value: Math.fround(Math.log(1006.5)),
          source: { from: "event", path: "cart.amount", raw: 1005.5, isDefault: false },
        },
        {
          name: "kind",
          value: [0, 1],
          source: { from: "event", path: "kind", raw: "cash", isDefault: false },
        },
        {
          name: "paid_2h",
          value: (2.5 + 3 + 4) / 4,
          source: {
            ...{
              from: "view",
              view: "receipts",
              key: "ada",
              agg: "sum",
              over: "2h",
              raw: 9.5,
              isDefault: false,
            },
            // 05:11 and 05:13 are in one tile, 06:41 is in that of 06:40; a block of tiles spans an hour.
            ...{ begins: "2001-01-31T04:45:00.000Z", ends: "2001-01-31T06:45:00.000Z" },
            ...{ tilesMerged: 2, itemsRead: 2 },
          },
        },
        {
          name: "receipts_3d",
          value: 4,
          source: expect.objectContaining({ begins: "2001-01-28T06:45:00.000Z", raw: 4, isDefault: false }),
        },
        {
          name: "elsewhere",
          value: -1,
          source: expect.objectContaining({
            key: "nobody",
            raw: -1,
            isDefault: true,
            tilesMerged: 0,
            itemsRead: 0,
          }),
        },
      ],
    });
  });

  it("tells defaults, events that ask for nothing, and that it takes the present where there is no time", async () => {
    const { explain } = await explainer({ event: {} });
    const { features, ...rest } = await explain({ customer: "ada", rival: "bob", cart: { amount: null } });
    expect(rest).toEqual({
      ...{ model: "payments", digest: expect.any(String) },
      ...{ eventTime: "2001-01-31T12:00:00.000Z", asks: false },
    });
    expect(features.slice(0, 3)).toMatchObject([
      { value: 0, source: { path: "cart.amount", raw: null, isDefault: true } },
      { value: [0, 0], source: { path: "kind", isDefault: true } },
      { value: -0.25, source: { raw: -1, isDefault: true } },
    ]);
    expect(features[1]!.source).not.toHaveProperty("raw");
  });

  it("gives of private ids and keys what stands for them, and nothing else of what is private", async () => {
    const { explain } = await explainer(
      { private: ["who", "customer", "id", "name"] },
      { concealerKeys: new MemoryConcealerKeys([["payments", key]]) },
    );
    const explained = await explain({ ...payment, id: "secret-1", name: "secret-2" });
    const conceal = createConcealer(key);
    expect(explained).toMatchObject({ eventId: conceal("secret-1") });
    expect(explained.features[2]).toMatchObject({ source: { key: conceal("ada"), raw: 9.5 } });
    expect(JSON.stringify(explained)).not.toMatch(/secret|ada/);
    await expect(explain({ ...payment, id: ["secret-1"], customer: { is: "secret-3" } })).rejects.toThrow(
      /^(?!.*secret)event id: got a private value at "id".*key looked up.*got a private value at "customer"/,
    );
  });

  it("says everything that is wrong with an event at once", async () => {
    const { explain } = await explainer();
    await expect(
      explain({ ...payment, cart: { amount: "much" }, rival: null, at: "soon" }),
    ).rejects.toMatchObject({
      code: "input.type",
      message: expect.stringMatching(
        /event time: got "soon".*feature "amount": got "much".*got null at "rival"/,
      ),
    });
    await expect(explain("[]")).rejects.toMatchObject({ code: "input.malformed" });
    const undefinedLog = { ...declaration.features.paid_2h, default: 20, as: { log: { plus: -9.5 } } };
    const other = await explainer({ features: { ...declaration.features, paid_2h: undefinedLog } });
    await expect(other.explain(payment)).rejects.toMatchObject({
      code: "input.range",
      message: expect.stringContaining('feature "paid_2h": got 9.5 as the sum over 2h of view "receipts"'),
    });
  });
});

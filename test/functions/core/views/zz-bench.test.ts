import { it } from "vitest";
import { MemoryShardStateStore } from "/work/main/functions/adapters/memory/memory-shard-state-store.ts";
import { createFieldIndex } from "/work/main/functions/core/decode/field-index.ts";
import { markOf } from "/work/main/functions/core/state/mark.ts";
import { compileViews } from "/work/main/functions/core/views/view-program.ts";
import { createViewState } from "/work/main/functions/core/views/view-state.ts";
it("bench", async () => {
  const views: any = {}, features: any = {};
  for (let v = 0; v < 4; v++) {
    views[`v${v}`] = { on: {}, key: `k${v}`, value: "x", rate: { above: 15 }, tile: "5m", lateness: "10m" };
    for (const over of ["1h", "3h", "24h"]) for (const agg of ["mean", "rate", "count"]) features[`${v}${over}${agg}`] = { view: `v${v}`, agg, over, default: 0 };
  }
  const program = compileViews({ private: [], views, features }, createFieldIndex());
  const state = createViewState({ program, store: new MemoryShardStateStore(), model: "m", nowMs: Date.now });
  let t = 0, newest = -Infinity, n = 0; const values = new Float64Array(36);
  let tl = 0, tr = 0, ta = 0, ts = 0, q = 0;
  for (let b = 0; b < 300; b++) {
    const batch = state.begin({ shard: "s", clocks: b ? new Map([["s", newest]]) : new Map(), isOwner: b > 0 });
    const evs = Array.from({ length: 1000 }, () => { t += 3000; const a = Math.floor(300 * Math.random() ** 3), d = Math.floor(300 * Math.random() ** 3); const keys = [`A${a}`, `A${d}`, `A${a}-${d % 20}`, `A${d}`];
      return { ask: { keys, timeMs: t }, feeds: keys.map((key, view) => ({ view, key, value: Math.floor(Math.random() * 60) - 10, hit: false, timeMs: t })) }; });
    let s = performance.now();
    await batch.load(evs.map((e) => e.ask), evs.flatMap((e) => e.feeds)); let e2 = performance.now(); if (b >= 100) tl += e2 - s;
    s = e2; let i = 0;
    for (const e of evs) { if (i++ % 2 === 0) continue; }
    for (const e of evs) { batch.read(e.ask.keys, e.ask.timeMs, values); }
    e2 = performance.now(); if (b >= 100) tr += e2 - s; s = e2;
    for (const e of evs) { const m = markOf(String(++n), 0); for (const f of e.feeds) batch.apply(f, m, newest); newest = e.ask.timeMs; }
    e2 = performance.now(); if (b >= 100) ta += e2 - s; s = e2;
    await batch.save(undefined, 1); e2 = performance.now(); if (b >= 100) { ts += e2 - s; q += batch.traffic.queries; }
  }
  console.log("us/event load", tl / 200, "read", tr / 200, "apply", ta / 200, "save", ts / 200, "queries/batch", q / 200, "MiB", state.usedBytes / 2 ** 20);
}, 120000);

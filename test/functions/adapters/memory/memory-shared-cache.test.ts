import { MemorySharedCache } from "../../../../functions/adapters/memory/memory-shared-cache.ts";
import { describeSharedResultCache } from "../contracts/shared-result-cache.ts";

describeSharedResultCache("MemorySharedCache", async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  return {
    cache: new MemorySharedCache({ ttlSeconds: 60, now: () => nowMs }),
    advance: (ms) => {
      nowMs += ms;
    },
  };
});

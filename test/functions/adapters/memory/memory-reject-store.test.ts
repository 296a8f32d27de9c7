import { MemoryRejectStore } from "../../../../functions/adapters/memory/memory-reject-store.ts";
import { describeRejectStore } from "../contracts/reject-store.ts";

describeRejectStore("MemoryRejectStore", async () => {
  const store = new MemoryRejectStore();
  return { store, objects: async () => store.objects };
});

import { MemoryExampleStore } from "../../../../functions/adapters/memory/memory-example-store.ts";
import { describeExampleStore } from "../contracts/example-store.ts";

describeExampleStore("MemoryExampleStore", async () => {
  const store = new MemoryExampleStore();
  return { store, objects: async () => store.objects };
});

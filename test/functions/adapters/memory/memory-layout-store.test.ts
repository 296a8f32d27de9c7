import { MemoryLayoutStore } from "../../../../functions/adapters/memory/memory-layout-store.ts";
import { describeLayoutStore } from "../contracts/layout-store.ts";

describeLayoutStore("MemoryLayoutStore", async () => {
  const store = new MemoryLayoutStore();
  return { store, damage: async (key, content) => void store.objects.set(key, content) };
});

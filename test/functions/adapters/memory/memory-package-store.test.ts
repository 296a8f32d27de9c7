import { MemoryPackageStore } from "../../../../functions/adapters/memory/memory-package-store.ts";
import { describePackageStore } from "../contracts/package-store.ts";

describePackageStore("MemoryPackageStore", async () => {
  const store = new MemoryPackageStore();
  return {
    store,
    keys: async () => [...store.objects.keys()].sort(),
    damage: async (key, content) => {
      if (content === undefined) store.objects.delete(key);
      else store.objects.set(key, content);
    },
  };
});

import { MemoryObjectStore } from "../../../../functions/adapters/memory/memory-object-store.ts";
import { describeObjectStore } from "../contracts/object-store.ts";

describeObjectStore("MemoryObjectStore", async () => new MemoryObjectStore());

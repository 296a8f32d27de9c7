import { MemoryLearningStore } from "../../../../functions/adapters/memory/memory-learning-store.ts";
import { describeLearningStore } from "../contracts/learning-store.ts";

describeLearningStore("MemoryLearningStore", async () => new MemoryLearningStore());

import { expect, it } from "vitest";
import { MemoryLedger } from "../../../../functions/adapters/memory/memory-ledger.ts";
import { describeLedger, publishEntry } from "../contracts/ledger.ts";

describeLedger("MemoryLedger", async () => new MemoryLedger());

it("does not share an entry with the caller", async () => {
  const ledger = new MemoryLedger();
  const entry = publishEntry(1);
  await ledger.append(entry);
  entry.why = "changed";
  expect((await ledger.latest("m"))?.why).toBe(publishEntry(1).why);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { alarmEntries } from "../../../infra/constructs/alarm-entries.ts";
import { synthesise } from "../synthesise.ts";

const document = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");

test("every alarm ends with a link to an entry, and every entry is some alarm's", () => {
  const learning = { onAccuracy: { loss: "LogLoss", threshold: 0.7 } };
  const descriptions = synthesise({ models: { "flight-delay": { learning } } })
    .ofType("AWS::CloudWatch::Alarm")
    .map(({ Properties }) => Properties.AlarmDescription);
  const anchors = descriptions.map((text) => /^.+; see docs\/operations\.md#(\w+)$/.exec(text)?.[1]);
  // AWS Budgets writes its messages itself.
  expect([...new Set([...anchors, "budget"])].sort()).toEqual([...alarmEntries].sort());
});

test.each(alarmEntries)("the document has an entry #%s", (entry) => {
  const anchors = [...document.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  expect(anchors.filter((anchor) => anchor === entry)).toHaveLength(1);
});

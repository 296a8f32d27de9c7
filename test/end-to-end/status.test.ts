import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { treesFolder } from "../../scripts/models/flight-delay-trees.ts";
import type { StatusReport } from "../../scripts/status/status-report.ts";
import { putAll } from "./support/events.ts";
import { npmRun } from "./support/npm-run.ts";
import { publish } from "./support/publish.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle } from "./support/wait-until.ts";

const model = "flight-delay";

describe("npm run status", () => {
  itNeeding("ownModels", "metrics")(
    "tells of a replay what the functions measured, and prints the same for people",
    async () => {
      await using stage = await openStage();
      const { plan } = await publish(stage, fileURLToPath(treesFolder));
      const { digest } = plan;
      const replayed = await npmRun(stage, "replay", "--flights", "300", "--history", "0", "--json");
      expect([replayed.status, replayed.stderr]).toEqual([0, ""]);
      const bad = { type: "departure", flight: "x", departs: "2001-01-31T06:44:00Z", distance: "far" };
      await putAll(stage, [{ data: { ...bad, origin: "ORD", destination: "MCO" }, partitionKey: "x" }]);
      await untilIdle(stage);

      const { status, stdout, stderr } = await npmRun(stage, "status", "--json");
      expect([status, stderr]).toEqual([0, ""]);
      const report: StatusReport = JSON.parse(stdout);
      expect(report.models.map((each) => each.model)).toEqual([model]);
      const [told] = report.models;
      const reasons = { "input.type": 1 };
      // Each flight's arrival is skipped by a model that has no windows.
      expect(told).toMatchObject({ events: 601, predictions: 300, rejected: 1, rejectedByReason: reasons });
      expect(told!.champion?.digest).toBe(digest);
      expect(Date.parse(told!.champion!.since)).toBeLessThan(Date.parse(report.until));
      const stored = (metric: string) => {
        return { namespace: "Headrace", metric, dimensions: { Stage: "dev", Model: model } };
      };
      const { metrics } = stage.cloud;
      for (const [name, metric] of [
        ["queue", "QueueMs"],
        ["decode + features", "DecodeMs"],
        ["run", "RunDurationMs"],
        ["write", "WriteMs"],
        ["reject", "RejectMs"],
        ["batch, cold", "ColdBatchDurationMs"],
      ] as const) {
        const shown = told!.latency.find(({ stage }) => stage === name);
        expect([name, shown?.p50Ms]).toEqual([name, metrics.percentile(stored(metric), 0.5)]);
        expect([name, shown?.p99Ms]).toEqual([name, metrics.percentile(stored(metric), 0.99)]);
        expect(shown?.p50Ms).toBeGreaterThanOrEqual(0);
      }
      expect(told!.coldStarts).toBe(metrics.count(stored("ColdBatchDurationMs")));
      expect(told!.coldStarts).toBeGreaterThan(0);
      const stream = told!.functions.find(({ kind }) => kind === "stream")!;
      const ofStream = { namespace: "AWS/Lambda", dimensions: { FunctionName: stream.name } };
      expect(stream).toMatchObject({
        invocations: metrics.sum({ ...ofStream, metric: "Invocations" }),
        errors: 0,
        throttles: 0,
      });
      expect(told!.usdPerThousandPredictions).toBeGreaterThan(0);
      expect(report.alarms).toEqual({ evaluated: true, inAlarm: [] });

      const text = (await npmRun(stage, "status", "--model", model)).stdout;
      expect(text).toMatch(new RegExp(`champion +${digest.slice(0, 12)} since `));
      expect(text).toMatch(/rejected +1 \(input\.type 1\)/);
      // Not a terminal, so no colours.
      expect(text).not.toContain("\x1b");

      const unknown = await npmRun(stage, "status", "--model", "other");
      expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining(`has ${model}`)]);
      const absent = await npmRun(stage, "status", "--stage", "prod");
      expect([absent.status, absent.stderr]).toEqual([1, expect.stringContaining("deploy the stage")]);
    },
  );
});

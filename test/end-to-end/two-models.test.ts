import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { treesFolder } from "../../scripts/models/flight-delay-trees.ts";
import { exampleFolder } from "../../scripts/models/write-package.ts";
import { putAll } from "./support/events.ts";
import { departure } from "./support/flight-events.ts";
import { sumOf } from "./support/metrics.ts";
import { changedExample } from "./support/package-folder.ts";
import { emitted, predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readRejects } from "./support/rejects.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle } from "./support/wait-until.ts";

describe("two models on one stream", () => {
  itNeeding("ownModels", "metrics")(
    "predict each on its own events alone: trees and a dense tensor",
    async () => {
      await using stage = await openStage({ models: { "flight-delay": {}, "sensor-state": {} } });
      await using sensors = await changedExample("sensor-state", {
        predictOn: { machine: ["press-1", "press-2", "press-3"] },
      });
      await publish(stage, fileURLToPath(treesFolder));
      await publish(stage, sensors.path);
      const samples = await sensorSamples();
      const readings = Array.from({ length: 600 }, (_, i) => ({
        ...samples[i % samples.length]!,
        reading: `reading-${i}`,
      }));
      const flights = Array.from({ length: 600 }, (_, i) => departure(`flight-${i}`));
      await putAll(
        stage,
        flights.flatMap((flight, i) => {
          const { outputs: _, ...reading } = readings[i]!;
          return [flight, reading].map((data) => ({ data, partitionKey: String(i % 8) }));
        }),
      );

      const ofFlights = await predictionsOf(
        stage,
        "flight-delay",
        flights.map(({ flight }) => flight),
      );
      const ofReadings = await predictionsOf(
        stage,
        "sensor-state",
        readings.map(({ reading }) => reading),
      );
      await untilIdle(stage);
      expect(ofFlights.size + ofReadings.size).toBe(await emitted(stage).then(({ length }) => length));
      for (const { reading, outputs } of readings) {
        const got = ofReadings.get(reading)![0]!.prediction.outputs as unknown as SensorOutputs;
        expect(got.state).toBe(outputs.state);
        const differences = got.scores.map((score, i) => Math.abs(score - outputs.scores[i]!));
        expect(Math.max(...differences)).toBeLessThan(1e-6);
      }
      for (const model of ["flight-delay", "sensor-state"]) {
        const counts = ["Predictions", "Skipped", "Rejected"].map((metric) => sumOf(stage, model, metric));
        expect([model, ...counts]).toEqual([model, 600, 600, 0]);
        expect(await readRejects(stage, model)).toEqual([]);
      }
    },
  );
});

interface SensorOutputs {
  readonly state: string;
  readonly scores: readonly number[];
}

interface SensorSample {
  readonly machine: string;
  readonly takenAt: string;
  readonly embedding: unknown;
  /** By hand, see scripts/models/sensor-state.ts. */
  readonly outputs: SensorOutputs;
}

async function sensorSamples(): Promise<readonly SensorSample[]> {
  const text = await readFile(new URL("samples.jsonl", exampleFolder("sensor-state")), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ event, outputs }) => ({ ...event, outputs }));
}

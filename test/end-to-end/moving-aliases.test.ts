import { expect } from "vitest";
import type { ModelPackageInput } from "../../functions/contract/model-package.ts";
import { type FlightEvent, interleavedEvents } from "../../scripts/flights/interleaved-events.ts";
import { logisticModel } from "../../scripts/onnx/example-models.ts";
import { bytesOf, putAll } from "./support/events.ts";
import { npmRun } from "./support/npm-run.ts";
import { packageFiles } from "./support/package-folder.ts";
import { predictionsOf } from "./support/predictions.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const model = "delays";
const eventCount = 1500;

const declared: ModelPackageInput = {
  name: model,
  event: { id: "flight", time: "departs", entity: "origin" },
  predictOn: { type: "departure" },
  features: {
    distance: { from: "distance", as: { scale: { min: 0, max: 6000 } } },
    spare: { from: "distance" },
  },
  outputs: { probability: { from: "score", index: 0 } },
  outcome: {
    ...{ on: { type: "arrival" }, id: "flight", time: "arrives", within: "48h" },
    label: { from: "delay", above: 15 },
  },
};

/** Records of different keys, put at once, are hours apart in the events' time: none is to be too late. */
const withView: ModelPackageInput = {
  ...declared,
  features: { distance: declared.features.distance!, recent: { view: "arrivals", agg: "count", over: "6h" } },
  views: {
    arrivals: { on: { type: "arrival" }, key: "origin", time: "arrives", tile: "5m", lateness: "1d" },
  },
};

itNeeding("ownModels")(
  "a version is compared on the past, refused while its views are cold, given a share, promoted and rolled back from the terminal",
  async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    const champion = await publish(stage, declared, 1);
    await putAll(
      stage,
      (await firstFlights()).map(({ event }) => ({ data: event, partitionKey: event.origin })),
    );
    await untilIdle(stage);
    const version = await publish(stage, withView, 2);
    const short = version.slice(0, 12);

    const compared = await run(stage, "replay", version.slice(0, 8), "--from", "2001-01-31", "--json");
    expect(compared.answeredByBoth).toBe(compared.champion.predictions);
    expect(compared.accuracy.version.count).toBeGreaterThan(100);
    expect(compared.accuracy.version.brier).not.toBe(compared.accuracy.champion.brier);

    const refused = await npmRun(stage, "models", "share", short, "20");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/without tiles of the time since .*: arrivals;/);
    const [, command] = /npm run backfill -- (.*)/.exec(refused.stderr)!;
    expect(command).toMatch(new RegExp(`^${model}@${short} --from 2001-01-3\\dT\\S+Z --stage dev$`));
    const filled = await npmRun(stage, "backfill", ...command!.split(" "), "--json");
    expect(filled.status, filled.stderr).toBe(0);
    expect(JSON.parse(filled.stdout)).toMatchObject({ model, digest: version, late: 0 });

    const shared = await npmRun(stage, "models", "share", short, "20", "--why", "as good on the past");
    expect(shared.status, shared.stderr).toBe(0);
    expect(shared.stdout).toContain(
      `live       champion ${champion.slice(0, 12)}, challenger ${short} (20 %)\n`,
    );
    expect((await run(stage, "promote", "challenger", "--json")).outcome).toBe("moved");
    await untilAnswersAre(stage, version, "promoted");
    expect(await run(stage, "rollback", model, "--json")).toMatchObject({
      entry: { revision: 5, aliases: { champion: { digest: champion } } },
      undo: [`npm run models -- promote ${model} ${short}`],
    });
    await untilAnswersAre(stage, champion, "back");

    const { entries } = await run(stage, "history", "--json");
    expect(entries.map(({ change }: { change: { action?: string } }) => change.action)).toEqual([
      ...["rollback", "promote", "share"],
      ...[undefined, undefined],
    ]);
    const then = await run(stage, "show", model, "--at", entries[2].at, "--json");
    expect(then.newest).toEqual(entries[2]);
    expect(await npmRun(stage, "models", "list")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(champion.slice(0, 12)),
    });
  },
);

async function publish(stage: Stage, declaration: ModelPackageInput, seed: number): Promise<string> {
  await using folder = await packageFiles([
    ["model.json", bytesOf(declaration)],
    ["model.onnx", logisticModel({ featureCount: 2, seed })],
  ]);
  const { status, stdout, stderr } = await npmRun(stage, "publish-model", folder.path, "--json");
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout).digest;
}

async function run(stage: Stage, ...args: readonly string[]) {
  const { status, stdout, stderr } = await npmRun(stage, "models", ...args);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** A move is noticed within seconds: ask until it is. */
async function untilAnswersAre(stage: Stage, digest: string, name: string): Promise<void> {
  let asked = 0;
  await waitUntil(stage, async () => {
    const flight = `${name}-${asked++}`;
    const departs = new Date(Date.UTC(2001, 1, 1)).toISOString();
    const event = { type: "departure", flight, departs, origin: "ORD", destination: "MCO", distance: 1005 };
    await putAll(stage, [{ data: event, partitionKey: "ORD" }]);
    const [answer] = (await predictionsOf(stage, model, [flight])).get(flight)!;
    return answer!.prediction.digest === digest ? undefined : `${digest} to answer`;
  });
}

async function firstFlights(): Promise<FlightEvent[]> {
  const flights: FlightEvent[] = [];
  for await (const each of interleavedEvents({ fromMs: Date.UTC(2001, 0, 31), limit: eventCount })) {
    flights.push(each);
    if (flights.length === eventCount) break;
  }
  return flights;
}

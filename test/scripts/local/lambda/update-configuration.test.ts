import { setTimeout as delay } from "node:timers/promises";
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { createFaults } from "../../../../scripts/local/faults.ts";
import { startFront } from "../../../../scripts/local/front.ts";
import { localConfig } from "../local-config.ts";
import { startFixture } from "./fixture.ts";

afterEach(() => void vi.useRealTimers());

/** Says under which settings it runs, in how many calls its process is, and takes a moment. */
const functionSource = `let calls = 0;
exports.handler = async () => {
  const version = Number(process.env.VERSION);
  calls += 1;
  await new Promise((resolve) => setTimeout(resolve, 15));
  return { version, calls, same: version === Number(process.env.VERSION) };
};`;

it("changing the environment under load fails no call, and each call that begins later sees the change", async () => {
  const fixture = await startFixture({ maxEnvironments: 4 });
  onTestFinished(() => fixture.close());
  const front = await startFront({
    port: 0,
    services: () => [fixture.lambda],
    faults: createFaults(),
    pages: new Map(),
    onLog: () => undefined,
  });
  const client = new LambdaClient({ ...localConfig(`http://127.0.0.1:${front.port}`), maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    await front.stop();
  });
  const { functionName: FunctionName } = fixture.deploy(functionSource, {
    environment: { VERSION: "0", KEPT: "yes" },
  });
  let acknowledged = 0;
  const calls: {
    readonly from: number;
    readonly version: number;
    readonly until: number;
    readonly same: boolean;
  }[] = [];
  const last = 5;
  // More callers than environments, so that some wait for one while it is replaced.
  const callers = Array.from({ length: 6 }, async () => {
    while (acknowledged < last || calls.filter(({ from }) => from === last).length < 20) {
      const from = acknowledged;
      const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName }));
      expect(FunctionError).toBeUndefined();
      calls.push({ from, until: acknowledged, ...JSON.parse(Payload?.transformToString() ?? "") });
    }
  });
  for (let version = 1; version <= last; version += 1) {
    await delay(150);
    const Variables = { VERSION: String(version), KEPT: "yes" };
    const answer = await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }),
    );
    acknowledged = version;
    expect(answer).toMatchObject({
      Environment: { Variables },
      State: "Active",
      LastUpdateStatus: "Successful",
    });
  }
  await Promise.all(callers);
  // An update is in force a moment before its caller hears of it, which is why `until + 1` may be seen too.
  const wrong = calls.filter(
    ({ from, version, until, same }) => version < from || version > until + 1 || !same,
  );
  expect(wrong).toEqual([]);
  expect(new Set(calls.map(({ version }) => version)).size).toBeGreaterThan(1);
  expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).toMatchObject({
    Environment: { Variables: { VERSION: "5", KEPT: "yes" } },
  });
});

it("an invocation that runs finishes on the old environment, the next starts on a new one", async () => {
  const fixture = await startFixture();
  onTestFinished(() => fixture.close());
  const config = fixture.deploy(functionSource, { environment: { VERSION: "1" } });
  const invoke = async () =>
    JSON.parse(String((await fixture.lambda.invoke(config.functionName, "{}")).payload));
  expect(await invoke()).toMatchObject({ version: 1, calls: 1 });
  const running = invoke();
  await delay(0);
  fixture.lambda.updateFunction({ ...config, environment: { VERSION: "2" } });
  expect(await invoke()).toMatchObject({ version: 2, calls: 1 });
  expect(await running).toMatchObject({ version: 1, calls: 2 });
  expect(await invoke()).toMatchObject({ version: 2, calls: 2 });
});

it("an environment that an update ends leaves no timer that would end a later one", async () => {
  const fixture = await startFixture();
  onTestFinished(() => fixture.close());
  const config = fixture.deploy(functionSource, { environment: { VERSION: "1" } });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await fixture.lambda.invoke(config.functionName, "{}");
  expect(vi.getTimerCount()).toBe(1);
  fixture.lambda.updateFunction({ ...config, environment: { VERSION: "2" } });
  expect(vi.getTimerCount()).toBe(0);
});

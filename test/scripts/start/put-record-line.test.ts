import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { putRecordLine } from "../../../scripts/start/put-record-line.ts";

const line = putRecordLine(
  {
    endpoint: "http://127.0.0.1:4566",
    streamName: "Headrace-dev-State-Events",
    environment: {
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
    },
  },
  {
    type: "departure",
    flight: "0511291-by-hand",
    departs: "2001-02-01T08:20:00Z",
    origin: "ORD",
    destination: "MCO",
    distance: 1005,
  },
);

it.skipIf(process.platform === "win32")(
  "the line to copy gives the aws CLI the event's bytes, unchanged, and everything it needs to reach the stream",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "headrace-put-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const fakeAws = `#!/bin/sh\necho "$AWS_ACCESS_KEY_ID $AWS_DEFAULT_REGION $@" > "${directory}/call"\ncat > "${directory}/data"\n`;
    await writeFile(join(directory, "aws"), fakeAws);
    await chmod(join(directory, "aws"), 0o755);

    const run = promisify(execFile);
    await run("/bin/sh", ["-c", line], { env: { PATH: `${directory}${delimiter}${process.env.PATH}` } });

    expect(JSON.parse(await readFile(join(directory, "data"), "utf8"))).toEqual({
      type: "departure",
      flight: "0511291-by-hand",
      departs: "2001-02-01T08:20:00Z",
      origin: "ORD",
      destination: "MCO",
      distance: 1005,
    });
    expect(await readFile(join(directory, "call"), "utf8")).toBe(
      "local us-east-1 kinesis put-record --endpoint-url http://127.0.0.1:4566 " +
        "--stream-name Headrace-dev-State-Events --partition-key ORD --data fileb:///dev/stdin\n",
    );
  },
);

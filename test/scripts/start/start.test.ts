import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Report } from "../../../scripts/summary/report.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

interface Ended {
  readonly pid: number | undefined;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runScript(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join("scripts", script), ...args],
      { cwd: root, env: { ...process.env, ...env }, timeout: 150_000 },
      (_, stdout, stderr) => resolve({ pid: child.pid, status: child.exitCode, stdout, stderr }),
    );
  });
}

describe("npm start", () => {
  it("takes real flights through the whole of it, sums them up, ends with 0 and cleans up", async () => {
    const directory = await mkdtemp(join(tmpdir(), "headrace-start-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const out = join(directory, "out.ndjson");

    const { pid, status, stdout, stderr } = await runScript("start.ts", [
      "--flights",
      "400",
      "--history",
      "2",
      "--json",
      "--out",
      out,
    ]);

    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("--data fileb:///dev/stdin");
    expect(stdout).toMatch(/^curl .*_user_request_\/models\/flight-delay\/predict -d '.*'$/m);
    expect(stdout).not.toContain("\x1b");
    const report: Report = JSON.parse(stdout.trim().split("\n").at(-1)!);
    expect(report).toMatchObject({ flights: 400, predictions: 400, rejected: 0, missing: 0 });
    // Each flight leaves and lands; others, which had left before, land among them.
    expect(report.events).toBeGreaterThan(800);
    expect(report.historyEvents).toBeGreaterThan(100);
    expect(report.outcomes).toMatchObject({
      joined: 400,
      early: report.events + report.historyEvents - 800,
    });
    expect(report.outcomes!.auc).toBeCloseTo(report.auc!, 2);
    expect(report.outcomes!.logLoss).toBeCloseTo(report.logLoss!, 5);
    expect(report.outcomes!.writeUnitsPerThousand).toBeGreaterThan(0);
    expect(stdout).toContain("late there, 3 h");
    const rows = (await readFile(out, "utf8"))
      .trim()
      .split("\n")
      .map((line): { flight: string; probability: number; late: boolean } => JSON.parse(line));
    expect(new Set(rows.map(({ flight }) => flight)).size).toBe(400);
    expect(report.apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/restapis\/\w+\/dev\/_user_request_$/);
    expect(report.auc).toBeCloseTo(aucByPairs(rows), 5);
    expect(report.latencyMs.p50).toBeGreaterThan(0);
    expect(report.firstPredictionSeconds).toBeLessThan(report.seconds);
    expect(await readdir(join(root, ".headrace"))).not.toContain(`run-${pid}`);
  }, 180_000);

  it("shows its options", async () => {
    const { status, stdout } = await runScript("start.ts", ["--help"]);

    expect(status).toBe(0);
    for (const option of [
      "--flights N",
      "--from TIME",
      "--history N",
      "--port N",
      "--once",
      "--json",
      "--out FILE",
    ]) {
      expect(stdout).toContain(option);
    }
  });

  it("refuses wrong arguments with status 2 before it does anything", async () => {
    const { status, stdout, stderr } = await runScript("start.ts", ["--flights", "0", "--prot", "1"]);

    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('--flights: got "0", expected a whole number from 1 to 3000000');
    expect(stderr).toContain("--prot: unknown option");
  });
});

describe("npm run replay", () => {
  it("says what to do when nothing answers at the endpoint", async () => {
    const { status, stderr } = await runScript("replay.ts", ["--flights", "1"], {
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    });

    expect(status).toBe(1);
    expect(stderr).toMatch(
      /stack Headrace-dev-State at http:\/\/127\.0\.0\.1:9 in us-east-1 .*\n {2}because .*ECONNREFUSED/,
    );
  });

  it("says that the data has no such flights", async () => {
    const { status, stderr } = await runScript("replay.ts", ["--from", "2002-01-01"], {
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_REGION: "us-east-1",
    });

    expect(status).toBe(2);
    expect(stderr).toContain("the data is of 2001-01-01 to 2001-06-30");
  });
});

/** Over all pairs of a late and an on-time flight. */
function aucByPairs(rows: readonly { probability: number; late: boolean }[]): number {
  const late = rows.filter((row) => row.late);
  const onTime = rows.filter((row) => !row.late);
  const wins = late.flatMap((one) =>
    onTime.map((other) => (Math.sign(one.probability - other.probability) + 1) / 2),
  );
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}

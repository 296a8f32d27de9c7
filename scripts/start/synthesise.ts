import { fork } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { StageName } from "../../functions/contract/stack-outputs.ts";

const app = fileURLToPath(new URL("../../infra/app.ts", import.meta.url));
const timeoutMs = 120_000;

export interface SynthesiseOptions {
  readonly stage: StageName;
  /** Where the templates and assets are written. */
  readonly outDirectory: string;
  /** Names and settings of other models than the stage's own. */
  readonly models?: Readonly<Record<string, object>>;
}

/**
 * Synthesise the CDK app for the embedded cloud, as `cdk synth -c target=local` does.
 *
 * In a process of its own: it keeps a core busy for seconds while this one goes on, and its memory goes with it.
 *
 * @throws {Error} with what the app wrote when it fails.
 */
export async function synthesise(
  { stage, outDirectory, models }: SynthesiseOptions,
  signal?: AbortSignal,
): Promise<void> {
  const child = fork(app, {
    // The arguments of this process: they carry the loader that reads TypeScript.
    execArgv: process.execArgv,
    env: {
      ...process.env,
      // CDK keeps fingerprints of assets in the user's home; nothing of ours is to stay outside this folder.
      HOME: dirname(outDirectory),
      USERPROFILE: dirname(outDirectory),
      CDK_OUTDIR: outDirectory,
      CDK_CONTEXT_JSON: JSON.stringify({ stage, target: "local", models }),
    },
    silent: true,
    signal,
    timeout: timeoutMs,
  });
  const output = Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code, killedBy] = await once(child, "exit");
  if (code === 0) return;
  const said = (await output).join("").trim();
  throw new Error(`synthesis ended with ${killedBy ?? `status ${code}`}\n${said}`);
}

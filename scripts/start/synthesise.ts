import { fork } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { StageName } from "../../functions/contract/stack-outputs.ts";

const app = fileURLToPath(new URL("../../infra/app.ts", import.meta.url));
const timeoutMs = 120_000;

/**
 * Synthesise the CDK app for the embedded cloud, as `cdk synth -c target=local` does.
 *
 * In a process of its own: it keeps a core busy for seconds while this one goes on, and its memory goes with it.
 *
 * @param outDirectory - where the templates and assets are written.
 * @throws {Error} with what the app wrote when it fails.
 */
export async function synthesise(
  { stage, outDirectory }: { readonly stage: StageName; readonly outDirectory: string },
  signal?: AbortSignal,
): Promise<void> {
  const child = fork(app, {
    // The arguments of this process: they carry the loader that reads TypeScript.
    execArgv: process.execArgv,
    env: {
      ...process.env,
      CDK_OUTDIR: outDirectory,
      CDK_CONTEXT_JSON: JSON.stringify({ stage, target: "local" }),
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

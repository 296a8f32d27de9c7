import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { defaultRetry, type Retry } from "../../../../functions/adapters/aws/retry.ts";
import type { Fault } from "../../../../scripts/local/faults.ts";
import type { LocalService } from "../../../../scripts/local/service.ts";
import { readServiceCall } from "../../../../scripts/local/service-call.ts";

/** `loseAnswer`: the request is carried out, but the connection closes before its answer. */
export type ServedFault = Fault | { readonly kind: "loseAnswer" };

/** A served AWS service, what it was asked, and what it is to do instead of answering. */
export interface ServedAws {
  /** Spread into a client's configuration. */
  readonly config: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Operations asked for, in order. */
  readonly operations: string[];
  /** Asked for each request; `count` is how many of that operation came before. */
  fault: (operation: string, count: number) => ServedFault | undefined;
}

/** Serve on a free port until the test ends. */
export async function serveAws(service: LocalService): Promise<ServedAws> {
  const server = createServer((request, response) => {
    const operation = readServiceCall(request)?.operation ?? "";
    const fault = served.fault(operation, served.operations.filter((each) => each === operation).length);
    served.operations.push(operation);
    if (fault?.kind === "reset") return void request.socket.destroy();
    if (fault?.kind === "hang") return;
    if (fault?.kind === "respond") {
      request.resume();
      response.writeHead(fault.statusCode, { "content-type": fault.contentType });
      return void response.end(fault.body);
    }
    if (fault?.kind === "loseAnswer") {
      response.end = () => {
        request.socket.destroy();
        return response;
      };
    }
    void service.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const served: ServedAws = {
    config: {
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    },
    operations: [],
    fault: () => undefined,
  };
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await service.close();
  });
  return served;
}

/** Retries that wait in a clock of their own, by half of what they might, and remember how long. */
export function instantRetry(overrides: Partial<Retry> = {}): Retry & { readonly waitsMs: number[] } {
  const waitsMs: number[] = [];
  return {
    ...defaultRetry,
    sleep: async (ms) => void waitsMs.push(ms),
    random: () => 0.5,
    now: () => waitsMs.reduce((total, ms) => total + ms, 0),
    ...overrides,
    waitsMs,
  };
}

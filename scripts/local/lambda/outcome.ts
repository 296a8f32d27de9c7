/** How one invocation ended, as the function's caller sees it. */
export interface Outcome {
  readonly payload: Buffer;
  /** Lambda's `X-Amz-Function-Error`: set when the function failed, in whatever way. */
  readonly functionError?: "Unhandled";
}

export function success(payload: Buffer): Outcome {
  return { payload };
}

/** The runtime's own account of a failed handler or init; its JSON is passed on as it is. */
export function handlerError(payload: Buffer): Outcome {
  return { payload, functionError: "Unhandled" };
}

export function timedOut(requestId: string, timeoutSeconds: number): Outcome {
  const timestamp = new Date().toISOString();
  return unhandled({
    errorMessage: `${timestamp} ${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  });
}

export function responseTooLarge(maxBytes: number): Outcome {
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxBytes} bytes).`;
  return unhandled({ errorType: "Function.ResponseSizeTooLarge", errorMessage });
}

/** The process ended in the middle: a crash, `process.exit`, or the kernel's (or our) memory limit. */
export function runtimeExited(
  requestId: string,
  code: number | null,
  signal: NodeJS.Signals | null,
): Outcome {
  const reason =
    signal !== null
      ? ` with error: signal: ${signalText(signal)}`
      : code === 0
        ? ""
        : ` with error: exit status ${code}`;
  const explained = reason === "" ? "Runtime exited without providing a reason" : `Runtime exited${reason}`;
  return unhandled({
    errorType: "Runtime.ExitError",
    errorMessage: `RequestId: ${requestId} Error: ${explained}`,
  });
}

function unhandled(error: { errorType?: string; errorMessage: string }): Outcome {
  return { payload: Buffer.from(JSON.stringify(error)), functionError: "Unhandled" };
}

function signalText(signal: NodeJS.Signals): string {
  const texts: Partial<Record<NodeJS.Signals, string>> = {
    SIGKILL: "killed",
    SIGABRT: "aborted",
    SIGSEGV: "segmentation fault",
    SIGTERM: "terminated",
  };
  return texts[signal] ?? signal.slice("SIG".length).toLowerCase();
}

/** An error's message and those of its causes; the stack too where `DEBUG` is set. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.DEBUG) return error.stack ?? error.message;
  const cause = error.cause instanceof Error ? `\n  because ${explainError(error.cause)}` : "";
  return `${error.message || error.name}${cause}`;
}

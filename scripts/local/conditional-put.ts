import type { buildApp } from "fauxqs";

type App = ReturnType<typeof buildApp>;
/** The part of a Fastify reply that is used. */
interface Reply {
  code(statusCode: number): Reply;
  header(name: string, value: string): Reply;
  send(body: string): Reply;
}

/**
 * Make fauxqs honour `If-None-Match: *` of a PutObject, which it would overwrite the object in spite of: 412 where there is
 * an object, 409 where another such write of the key is under way, as S3 answers.
 */
export function honourConditionalPuts(app: App): void {
  const keys = new Set<string>();
  const underWay = new WeakMap<object, string>();

  app.addHook("preHandler", async (request, reply) => {
    if (request.method !== "PUT" || request.headers["if-none-match"] !== "*") return;
    const key = request.url.replace(/\?.*$/, "");
    if (keys.has(key)) {
      return refuse(reply, 409, "ConditionalRequestConflict", "Another conditional write is under way.");
    }
    keys.add(key);
    underWay.set(request, key);
    const { statusCode } = await app.inject({ method: "HEAD", url: key });
    if (statusCode !== 200) return;
    return refuse(reply, 412, "PreconditionFailed", "At least one of the preconditions did not hold.");
  });
  // Before the answer goes out, and so also where its caller is gone.
  app.addHook("onSend", async (request) => {
    const key = underWay.get(request);
    if (key !== undefined) keys.delete(key);
  });
}

function refuse(reply: Reply, statusCode: number, code: string, message: string): Reply {
  const body = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return reply.code(statusCode).header("content-type", "application/xml").send(body);
}

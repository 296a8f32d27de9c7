import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "./aws-error.ts";
import { answerError } from "./error-answer.ts";
import { readBody } from "./request-body.ts";
import { readRequestUrl } from "./request-url.ts";
import type { LocalService } from "./service.ts";
import { toXml, type XmlValue } from "./xml.ts";

export interface QueryServiceOptions {
  readonly signingName: string;
  /** XML namespace of the answers, e.g. `https://sts.amazonaws.com/doc/2011-06-15/`. */
  readonly namespace: string;
  /** By name; each returns the content of its `<…Result>`. It may throw an {@link AwsError}. */
  readonly operations: Readonly<Record<string, (input: URLSearchParams) => XmlValue>>;
}

/** A small service that speaks AWS's query protocol: a form in, XML out. */
export function createQueryService({
  signingName,
  namespace,
  operations,
}: QueryServiceOptions): LocalService {
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const input = await readInput(request);
      const action = input.get("Action") ?? "";
      const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
      if (operation === undefined) {
        const have = Object.keys(operations).sort().join(", ");
        throw new AwsError("InvalidAction", `the embedded ${signingName} has no "${action}"; it has ${have}`);
      }
      const result = `<${action}Result>${toXml(operation(input))}</${action}Result>`;
      const metadata = toXml({ ResponseMetadata: { RequestId: randomUUID() } });
      response.setHeader("content-type", "text/xml");
      response.end(`<${action}Response xmlns="${namespace}">${result}${metadata}</${action}Response>`);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      answerError(request, response, { error, service: signingName });
    }
  }
  return { signingNames: [signingName], handle, close: async () => {} };
}

const maxBodyBytes = 1024 * 1024;

/** The query protocol takes its input from the body of a POST or the query string of a GET. */
async function readInput(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.method === "POST")
    return new URLSearchParams((await readBody(request, maxBodyBytes)).toString());
  return readRequestUrl(request).searchParams;
}

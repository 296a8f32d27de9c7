import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import type { Readable } from "node:stream";
import { HttpRequest } from "@smithy/core/protocols";
import type { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4, type SignatureV4Init } from "@smithy/signature-v4";
import { type ListPage, parseListPage } from "./list-page.ts";

/** Where an object stands. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/**
 * The four calls of S3 that the functions make, without the SDK's client for all of it.
 *
 * That client takes 150 kB of a bundle and 18 ms of its load, the most of what a cold start does before it can ask for
 * the model (Node 24, measured). Signing, transport and credentials are the SDK's own parts.
 */
export interface ObjectClient {
  /** @returns the body and its length; undefined where there is no such object. */
  get(place: ObjectPlace): Promise<{ readonly Body: Readable; readonly ContentLength: number } | undefined>;
  /** @returns the size in bytes; undefined where there is no such object. */
  sizeOf(place: ObjectPlace): Promise<number | undefined>;
  put(place: ObjectPlace, content: Uint8Array, contentType: string): Promise<void>;
  /**
   * List up to 1,000 keys.
   *
   * @param startAfter - only keys behind this one; what a page before ended with.
   */
  list(range: {
    readonly bucket: string;
    readonly prefix: string;
    readonly startAfter?: string | undefined;
  }): Promise<ListPage>;
}

export interface ObjectClientOptions {
  readonly region: () => Promise<string>;
  readonly credentials: Exclude<SignatureV4Init["credentials"], undefined>;
  readonly handler: NodeHttpHandler;
  /** Where S3 is spoken with paths as `/bucket/key`; undefined for AWS, which has a host per bucket. */
  readonly endpoint: () => string | undefined;
}

/** What S3 answers beyond this is no error document of its. */
const maxErrorBytes = 64 * 1024;
/** A page has at most 1,000 keys of at most 1,024 bytes, of which each is three characters where it is escaped. */
const maxListBytes = 8 * 1024 * 1024;

/** Errors have S3's code as their name and the status in `$metadata`, as the SDK's have. */
export function createObjectClient({
  region,
  credentials,
  handler,
  endpoint,
}: ObjectClientOptions): ObjectClient {
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: false,
  });

  return {
    async get(place) {
      const { statusCode, headers, body } = await send("GET", place);
      if (statusCode === 200) return { Body: body, ContentLength: Number(headers["content-length"] ?? 0) };
      return notThere(await errorOf(statusCode, body));
    },
    async sizeOf(place) {
      const { statusCode, headers, body } = await send("HEAD", place);
      body.resume();
      if (statusCode === 200) return Number(headers["content-length"]);
      if (statusCode === 404) return undefined;
      throw awsError(
        `S3 answered ${statusCode}`,
        statusCode === 403 ? "AccessDenied" : "Unknown",
        statusCode,
      );
    },
    async put(place, content, contentType) {
      const { statusCode, body } = await send("PUT", place, { content, contentType });
      if (statusCode !== 200) throw await errorOf(statusCode, body);
      body.resume();
    },
    async list({ bucket, prefix, startAfter }) {
      const query = {
        // Escaped, since XML cannot carry every character that a key may have.
        ...{ "encoding-type": "url", "list-type": "2", prefix },
        ...(startAfter !== undefined && { "start-after": startAfter }),
      };
      const { statusCode, body } = await send("GET", { bucket, key: "" }, { query });
      if (statusCode !== 200) throw await errorOf(statusCode, body);
      return parseListPage(await textOf(body, maxListBytes));
    },
  };

  async function send(
    method: string,
    place: ObjectPlace,
    {
      content,
      contentType,
      query = {},
    }: { content?: Uint8Array; contentType?: string; query?: Record<string, string> } = {},
  ) {
    const { protocol, hostname, port, path } = addressOf(place, await region(), endpoint());
    const request = new HttpRequest({
      method,
      protocol,
      hostname,
      port,
      path,
      query,
      headers: {
        host: port === undefined ? hostname : `${hostname}:${port}`,
        ...(contentType === undefined ? {} : { "content-type": contentType }),
        ...(content === undefined ? {} : { "content-length": String(content.byteLength) }),
      },
      body: content,
    });
    const signed = (await signer.sign(request)) as HttpRequest;
    const { response } = await handler.handle(signed);
    return response as { statusCode: number; headers: Record<string, string>; body: Readable };
  }
}

function addressOf({ bucket, key }: ObjectPlace, region: string, endpoint: string | undefined) {
  const path = key.split("/").map(encodeSegment).join("/");
  if (endpoint === undefined) {
    const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    return {
      protocol: "https:",
      hostname: `${bucket}.s3.${region}.${suffix}`,
      port: undefined,
      path: `/${path}`,
    };
  }
  const { protocol, hostname, port, pathname } = new URL(endpoint);
  const base = pathname === "/" ? "" : pathname;
  return {
    protocol,
    hostname,
    port: port === "" ? undefined : Number(port),
    path: `${base}/${bucket}/${path}`,
  };
}

/** As RFC 3986 has it, which is what S3 signs. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function notThere(error: Error): undefined {
  if (error.name === "NoSuchKey") return undefined;
  throw error;
}

async function errorOf(statusCode: number, body: Readable): Promise<Error> {
  const text = await textOf(body, maxErrorBytes);
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return awsError(
    element("Message") ?? `S3 answered ${statusCode}`,
    element("Code") ?? "Unknown",
    statusCode,
  );
}

/** What stands beyond `maxBytes` is read and dropped. */
async function textOf(body: Readable, maxBytes: number): Promise<string> {
  let text = "";
  for await (const chunk of body.setEncoding("utf8") as AsyncIterable<string>) {
    if (text.length < maxBytes) text += chunk;
  }
  return text;
}

function awsError(message: string, name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

/** SHA-256, keyed or not, as the signer wants it. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secretOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(secretOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  /** Part of the signer's interface; it makes a new hash for each use. */
  reset(): void {}
}

function secretOf(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === "string") return data;
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

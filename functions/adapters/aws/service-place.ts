import type { OverridableService } from "../env.ts";
import type { AwsAccess } from "./aws-access.ts";
import { createPostSigner, type PostSigner } from "./post-signer.ts";

/** Where a service of AWS is asked, and how requests to it are signed. */
export interface ServicePlace {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number | undefined;
  /** What every path begins with; ends in `/`. */
  readonly path: string;
  /** As the header has it. */
  readonly host: string;
  readonly sign: PostSigner;
}

export interface PlacedService {
  /** In its variable of the endpoint. */
  readonly name: OverridableService;
  /** In its host's name and in signatures. */
  readonly id: string;
}

/** Find a service's place once; where that fails, the next who asks tries anew. */
export function createPlaceFinder(service: PlacedService, access: AwsAccess): () => Promise<ServicePlace> {
  let place: Promise<ServicePlace> | undefined;
  return () => {
    place ??= findPlace(service, access).catch((error: unknown) => {
      place = undefined;
      throw error;
    });
    return place;
  };
}

async function findPlace({ name, id }: PlacedService, access: AwsAccess): Promise<ServicePlace> {
  const region = await access.region();
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = new URL(access.endpointOf(name) ?? `https://${id}.${region}.${suffix}`);
  return {
    protocol: url.protocol,
    // Node wants an IPv6 address bare.
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? undefined : Number(url.port),
    path: url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`,
    host: url.host,
    sign: createPostSigner({ service: id, region }),
  };
}

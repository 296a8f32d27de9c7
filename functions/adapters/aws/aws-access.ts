import { defaultProvider } from "@aws-sdk/credential-provider-node";
import {
  loadConfig,
  memoize,
  NODE_REGION_CONFIG_FILE_OPTIONS,
  NODE_REGION_CONFIG_OPTIONS,
} from "@smithy/core/config";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";
import { endpointOverride, type OverridableService } from "../env.ts";

/** Who asks and where, for the clients that are our own. */
export interface AwsAccess {
  region(): Promise<string>;
  credentials(): Promise<AwsCredentialIdentity>;
  /** Where a service is asked instead of at AWS; undefined for AWS. */
  endpointOf(service: OverridableService): string | undefined;
}

/** Any client of the SDK takes these too. */
export interface AwsAccessOptions {
  /** @default the SDK's own: environment, then profile */
  readonly region?: string;
  /** @default the SDK's own chain: environment, profile, container, instance */
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  /** URL for every service. @default the SDK's environment: AWS_ENDPOINT_URL_<service>, AWS_ENDPOINT_URL */
  readonly endpoint?: string;
}

/** Credentials are taken for expired so long before they are, since a request takes time to be checked. */
const refreshAheadMs = 5 * 60_000;

/**
 * What a command knows of AWS; functions have `environmentAccess`.
 *
 * Nothing is looked up before it is asked for. Each is found once, and credentials anew before they expire.
 */
export function awsAccess({ region, credentials, endpoint }: AwsAccessOptions = {}): AwsAccess {
  return {
    region:
      region === undefined
        ? loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS)
        : async () => region,
    credentials:
      typeof credentials === "object"
        ? async () => credentials
        : memoize(credentials ?? defaultProvider(), isExpiring, canExpire),
    endpointOf: (service) => endpoint ?? endpointOverride(service),
  };
}

function isExpiring({ expiration }: AwsCredentialIdentity): boolean {
  return expiration !== undefined && expiration.getTime() - Date.now() < refreshAheadMs;
}

function canExpire({ expiration }: AwsCredentialIdentity): boolean {
  return expiration !== undefined;
}

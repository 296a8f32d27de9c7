import { endpointOverride, functionCredentials, functionRegion } from "../env.ts";
import type { AwsAccess } from "./aws-access.ts";

/**
 * What a function knows of AWS: Lambda gives it region and credentials as environment variables, for as long as its
 * process lives.
 *
 * Profiles, containers and instances are `awsAccess`'s, and so is the SDK's code for them. What is not set is a
 * `ConfigError` of the first call.
 */
export function environmentAccess(): AwsAccess {
  return {
    region: async () => functionRegion(),
    credentials: async () => functionCredentials(),
    endpointOf: (service) => endpointOverride(service),
  };
}

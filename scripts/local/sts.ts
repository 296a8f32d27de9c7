import { createQueryService } from "./query-service.ts";
import { type LocalService, localAccount } from "./service.ts";

/** STS, as far as tools ask it who they are. */
export function createSts(): LocalService {
  return createQueryService({
    signingName: "sts",
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    operations: {
      GetCallerIdentity: () => ({
        Arn: `arn:aws:iam::${localAccount}:user/local`,
        UserId: "AIDALOCALLOCALLOCAL00",
        Account: localAccount,
      }),
    },
  });
}

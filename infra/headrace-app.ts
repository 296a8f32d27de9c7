import { App, type AppProps, DefaultStackSynthesizer, Validations } from "aws-cdk-lib";
import { CURRENTLY_RECOMMENDED_FLAGS } from "aws-cdk-lib/cx-api";
import { AwsSolutionsChecks } from "cdk-nag";
import { stackName } from "../functions/contract/stack-outputs.ts";
import { type AppConfig, readConfig } from "./config/read-config.ts";
import { leaveOutUnsupported, refuseUnsupported } from "./config/target.ts";
import { LearningStack } from "./stacks/learning-stack.ts";
import { ObservabilityStack } from "./stacks/observability-stack.ts";
import { ServingStack } from "./stacks/serving-stack.ts";
import { StateStack } from "./stacks/state-stack.ts";

/**
 * CDK behaves as a new project's would; set here, so that a template does not depend on who runs the app.
 *
 * References between stacks are strong: what a function uses cannot be deleted under it.
 */
const featureFlags = {
  ...CURRENTLY_RECOMMENDED_FLAGS,
  "@aws-cdk/core:defaultCrossStackReferences": "strong",
  // The command line prints warnings by itself; in the report too they would come twice.
  "@aws-cdk/core:annotationsInValidationReport": false,
};

/** The app and its stacks, in the order they depend on each other. */
export interface HeadraceApp {
  readonly app: App;
  readonly appConfig: AppConfig;
  readonly state: StateStack;
  readonly serving: ServingStack;
  /** Absent where no model is trained anew. */
  readonly learning: LearningStack | undefined;
  readonly observability: ObservabilityStack;
}

/**
 * Make the CDK app of one stage; what is chosen comes from the context (`readConfig`).
 *
 * @param props - CDK's own; `context` here yields to that of the CLI and `cdk.json`.
 * @throws {ConfigError} when the configuration is invalid or the build is missing.
 */
export function createHeadraceApp(props: AppProps = {}): HeadraceApp {
  const app = new App({
    analyticsReporting: false,
    // The CLI checks the bootstrap version by the manifest; the rule would only repeat it in each template.
    defaultStackSynthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    ...props,
    context: { ...featureFlags, ...props.context },
  });
  const appConfig = readConfig(app.node);
  const { stage, target, config } = appConfig;
  const name = (part: Parameters<typeof stackName>[1]) => stackName(stage, part);
  const state = new StateStack(app, name("State"), { config });
  const serving = new ServingStack(app, name("Serving"), { app: appConfig, state });
  const observability = new ObservabilityStack(app, name("Observability"), {
    app: appConfig,
    state,
    serving,
  });
  const isLearning = Object.values(config.models).some(({ learning }) => learning !== undefined);
  const learning = isLearning
    ? new LearningStack(app, name("Learning"), { app: appConfig, state })
    : undefined;
  leaveOutUnsupported(app, target);
  refuseUnsupported(app, target);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, appConfig, state, serving, learning, observability };
}

import { Annotations, Aspects, CfnResource } from "aws-cdk-lib";
import { CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import type { IConstruct } from "constructs";
import * as z from "zod";
import type { ModelSettings } from "./model-settings.ts";

/*
 * The one place where the targets differ.
 */

/** Where the synthesised template is deployed: an account, or the embedded cloud on this machine. */
export const target = z.enum(["aws", "local"]);
export type Target = z.infer<typeof target>;
export type Architecture = ModelSettings["architecture"];

/** The architecture a function is built for: the configured one, or the host's where the host runs it. */
export function architectureFor(chosen: Target, configured: Architecture): Architecture {
  if (chosen === "aws") return configured;
  return process.arch === "arm64" ? "arm64" : "x86_64";
}

/** How long the archive waits for its batches to fill: in AWS, objects are worth being few; locally, somebody looks on. */
export function archiveWindowSeconds(chosen: Target): number {
  return chosen === "aws" ? 60 : 1;
}

/**
 * How a stack that only looks at others refers to them: weakly, by `Fn::GetStackOutput`, which lets them change and go.
 * No local cloud we know has that function; there, stacks come and go together.
 */
export function crossStackReferences(chosen: Target): "weak" | "strong" {
  return chosen === "aws" ? "weak" : "strong";
}

/**
 * For `local`, leave out what only tells people something and what some local clouds refuse: alarms on metric math.
 *
 * No local cloud lets those go off, and MiniStack 1.5.33 rolls their whole stack back. Alarms on one metric stay.
 */
export function leaveOutUnsupported(scope: IConstruct, chosen: Target): void {
  if (chosen === "local") Aspects.of(scope).add({ visit: leaveOut });
}

function leaveOut(node: IConstruct): void {
  if (!(node instanceof CfnAlarm) || node.metrics === undefined) return;
  const alarm = node.node.scope;
  if (!alarm?.node.tryRemoveChild(node.node.id)) return;
  Annotations.of(alarm).addInfoV2(
    "headrace:metric-math",
    "left out: local clouds have no alarms on metric math",
  );
}

/** What no local cloud we know deploys: metric filters, composite alarms, custom resources. */
const refusedLocally =
  /^(AWS::Logs::MetricFilter|AWS::CloudWatch::CompositeAlarm|AWS::CloudFormation::CustomResource|Custom::.*)$/;

/**
 * Fail synthesis for `local` when a resource is used that only AWS deploys, rather than let a deployment hang on it.
 */
export function refuseUnsupported(scope: IConstruct, chosen: Target): void {
  if (chosen === "local") scope.node.addValidation({ validate: () => scope.node.findAll().flatMap(refuse) });
}

function refuse(node: IConstruct): string[] {
  if (!CfnResource.isCfnResource(node) || !refusedLocally.test(node.cfnResourceType)) return [];
  return [
    `${node.node.path}: got ${node.cfnResourceType}, which no local cloud deploys; use an embedded metric, a plain alarm or no custom resource`,
  ];
}

import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { NodeFunction, type NodeFunctionProps } from "./node-function.ts";

export interface InferenceFunctionProps extends NodeFunctionProps {
  /** ONNX Runtime for `architecture`. */
  readonly runtimeLayer: lambda.ILayerVersion;
}

/** A function that runs a model: ONNX Runtime comes as a layer. */
export class InferenceFunction extends NodeFunction {
  constructor(scope: Construct, id: string, { runtimeLayer, overrides, ...props }: InferenceFunctionProps) {
    super(scope, id, { ...props, overrides: { layers: [runtimeLayer], ...overrides } });
  }
}

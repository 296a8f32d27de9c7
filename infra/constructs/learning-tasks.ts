/** A state in Amazon States Language. */
export type State = Readonly<Record<string, unknown>> & { readonly Type: string };

/** A training job of SageMaker in place of the built-in trainer. */
export interface TrainingJob {
  readonly image: string;
  readonly roleArn: string;
  /** Name of the bucket that has `learning/…`. */
  readonly bucket: string;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly volumeGiB: number;
  readonly maxSeconds: number;
}

/** How long each function may run, which is how long its state waits for it. */
export const stepTimeoutSeconds = { assemble: 900, train: 900, evaluate: 900, rollout: 900 } as const;

/** A call takes a little longer than the function does. */
const callSeconds = 30;

/** A call of a function with what names the execution, and more. Gives what Lambda answers, the function's own in `Payload`. */
export function invokeState(FunctionName: string, payload: object, seconds: number): State {
  return {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName, Payload: { ...passOn("model", "execution"), ...payload } },
    TimeoutSeconds: seconds + callSeconds,
    Retry: retries,
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "GiveUp" }],
  };
}

/** What passes is waited out; what may have been chance is tried once more; all else fails again, and is given up. */
const patient = { IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 120, JitterStrategy: "FULL" };
const retries = [
  { ErrorEquals: ["DependencyError", "ConflictError"], MaxAttempts: 8, ...patient },
  {
    ErrorEquals: [
      ...["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"],
      ...["Lambda.TooManyRequestsException", "Lambda.ClientExecutionTimeoutException"],
    ],
    MaxAttempts: 8,
    ...patient,
  },
  {
    ErrorEquals: ["ModelRunError", "Sandbox.Timedout", "Lambda.Unknown", "States.Timeout"],
    MaxAttempts: 1,
    IntervalSeconds: 10,
    BackoffRate: 1,
  },
];

/** SageMaker puts what the container leaves in `/opt/ml/model` under `<job>/output/model/`, as it is. */
export function trainingJobState(model: string, job: TrainingJob): State {
  const prefix = `s3://${job.bucket}/learning/${model}/`;
  return {
    Type: "Task",
    Resource: "arn:aws:states:::sagemaker:createTrainingJob.sync",
    Parameters: {
      "TrainingJobName.$": "$.execution",
      RoleArn: job.roleArn,
      AlgorithmSpecification: { TrainingImage: job.image, TrainingInputMode: "File" },
      InputDataConfig: [
        {
          ChannelName: "training",
          DataSource: {
            S3DataSource: {
              S3DataType: "S3Prefix",
              S3DataDistributionType: "FullyReplicated",
              "S3Uri.$": `States.Format('${prefix}{}/', $.execution)`,
            },
          },
        },
      ],
      OutputDataConfig: {
        CompressionType: "NONE",
        "S3OutputPath.$": `States.Format('${prefix}{}/jobs/', $.execution)`,
      },
      ResourceConfig: {
        InstanceType: job.instanceType,
        InstanceCount: job.instanceCount,
        VolumeSizeInGB: job.volumeGiB,
      },
      StoppingCondition: { MaxRuntimeInSeconds: job.maxSeconds },
    },
    // A job also waits for an instance, and is up- and downloaded.
    TimeoutSeconds: job.maxSeconds + 3600,
    ResultSelector: {
      out: {
        "modelKey.$": `States.Format('learning/${model}/{}/jobs/{}/output/model/model.onnx', $.TrainingJobName, $.TrainingJobName)`,
        "seconds.$": "$.TrainingTimeInSeconds",
      },
    },
    ResultPath: "$.trained",
    Retry: [
      {
        ErrorEquals: ["SageMaker.ThrottlingException", "SageMaker.InternalFailureException"],
        MaxAttempts: 8,
        ...patient,
      },
    ],
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "GiveUp" }],
    Next: "Evaluate",
  };
}

/** Fields that are passed on under their own names. */
export function passOn(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`${name}.$`, `$.${name}`]));
}

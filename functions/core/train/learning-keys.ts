/** One execution of a model's retraining. */
export interface ExecutionName {
  readonly model: string;
  readonly execution: string;
}

/** S3 prefix of everything that one execution makes, in the data bucket. */
export function learningPrefix({ model, execution }: ExecutionName): string {
  return `learning/${model}/${execution}/`;
}

/** S3 key of the training manifest, which is written last of what is assembled. */
export function manifestKey(name: ExecutionName): string {
  return `${learningPrefix(name)}manifest.json`;
}

/** S3 key of what the comparison with the champion came to. */
export function figuresKey(name: ExecutionName): string {
  return `${learningPrefix(name)}figures.json`;
}

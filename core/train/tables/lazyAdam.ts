/** What one update of a row needs beside its gradient. */
export interface RowStep {
  /** Steps since the row's last update, this one included. */
  gap: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** 1 / (1 − βᵗ) at the step t of the whole training. */
  moment1Correction: number;
  moment2Correction: number;
  learningRate: number;
  /** Decoupled decay of this step. */
  weightDecay: number;
}

/**
 * One step of AdamW on one row (Loshchilov & Hutter 2019, algorithm 2). `record` holds from `at` on: the weights [width],
 * their first moments [width], their second moments [width]. Moments are first brought up to date: through a
 * step without gradient they only decay, so after a gap of k steps the old m and v count β₁ᵏ and β₂ᵏ.
 */
export function updateRow(
  record: Float32Array,
  at: number,
  width: number,
  gradient: Float32Array,
  gradientAt: number,
  step: RowStep,
): void {
  const { epsilon, moment1Correction, moment2Correction, learningRate, weightDecay } = step;
  const keep1 = step.beta1 ** step.gap;
  const keep2 = step.beta2 ** step.gap;
  const new1 = 1 - step.beta1;
  const new2 = 1 - step.beta2;
  const first = at + width;
  const second = first + width;
  for (let i = 0; i < width; i++) {
    const g = gradient[gradientAt + i];
    const m = keep1 * record[first + i] + new1 * g;
    const v = keep2 * record[second + i] + new2 * g * g;
    record[first + i] = m;
    record[second + i] = v;
    const weight = record[at + i];
    const direction = (m * moment1Correction) / (Math.sqrt(v * moment2Correction) + epsilon);
    record[at + i] = weight - learningRate * (direction + weightDecay * weight);
  }
}

/**
 * The same with one second moment for the whole row, that of the mean of its squared gradients ("row-wise Adam" of
 * FBGEMM, after the row-wise Adagrad of Naumov et al. 2019). `record`: weights [width], first moments [width], second moment.
 */
export function updateRowWise(
  record: Float32Array,
  at: number,
  width: number,
  gradient: Float32Array,
  gradientAt: number,
  step: RowStep,
): void {
  const { epsilon, moment1Correction, moment2Correction, learningRate, weightDecay } = step;
  let squares = 0;
  for (let i = 0; i < width; i++) squares += gradient[gradientAt + i] ** 2;
  const first = at + width;
  const second = first + width;
  const v = step.beta2 ** step.gap * record[second] + (1 - step.beta2) * (squares / width);
  record[second] = v;
  const keep1 = step.beta1 ** step.gap;
  const new1 = 1 - step.beta1;
  const scale = moment1Correction / (Math.sqrt(v * moment2Correction) + epsilon);
  for (let i = 0; i < width; i++) {
    const m = keep1 * record[first + i] + new1 * gradient[gradientAt + i];
    record[first + i] = m;
    const weight = record[at + i];
    record[at + i] = weight - learningRate * (m * scale + weightDecay * weight);
  }
}

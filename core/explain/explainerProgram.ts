import { EtalonError } from '../base/index.ts';
import {
  add,
  div,
  exp,
  gradients,
  log,
  max,
  maxOver,
  mean,
  mul,
  neg,
  type Program,
  programInputs,
  type Shape,
  sigmoid,
  softplus,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  Trace,
} from '../tensor/index.ts';
import type { GnnExplainerSettings } from './gnnExplainer.ts';
import { type InputChange, type Messages, messageAxis, weighMessages } from './messageMask.ts';

/** What of which program a mask explains. */
export interface GnnExplained {
  program: Program;
  output: string;
  /** `class`: the output holds logits [rows, classes]. `value`: it holds numbers. */
  goal: 'class' | 'value';
  messages: Messages;
  /** A float input [rows, features] that gets a mask of its columns; a masked value goes to its column's `baseline`. */
  features?: { input: string; baseline: Float32Array };
}

/** Inputs that the explainer's program has beside those of the program explained. */
export const EDGE_LOGITS = 'explain.edgeLogits'; // [edges, 1]
export const EDGE_USED = 'explain.edgeUsed'; // [edges, 1] 0 for edges on which nothing depends
export const FEATURE_LOGITS = 'explain.featureLogits'; // [1, features]
export const FEATURE_BASELINE = 'explain.featureBaseline'; // [1, features]
export const WEIGHTS = 'explain.weights'; // of the output's shape
export const KEPT = 'explain.kept'; // of the output's shape

/**
 * The program of one step of GNNExplainer. Outputs: `loss`, the gradients `edgeGradient` and `featureGradient` by the
 * logits, and `edgeInfluence`, the part of the first that comes from the prediction.
 */
export function explainerProgram(explained: GnnExplained, settings: GnnExplainerSettings): Program {
  const masked = maskedProgram(explained);
  const { trace, tensors } = Trace.from(masked);
  const edgeLogits = trace.inputNamed(EDGE_LOGITS);
  const used = trace.inputNamed(EDGE_USED);
  const prediction = predictionLoss(explained, trace, tensors[masked.outputs[0].id]);
  const [edgeInfluence] = gradients(prediction, [edgeLogits]);

  const edgeMask = mul(sigmoid(edgeLogits), used);
  const meanEntropy = div(sum(mul(entropy(edgeLogits), used)), max(sum(used), 1));
  const edgeCost = add(mul(sum(edgeMask), settings.edgeSize), mul(meanEntropy, settings.edgeEntropy));
  const [byCost] = gradients(edgeCost, [edgeLogits]);
  const edgeGradient = add(edgeInfluence, byCost);
  if (!explained.features)
    return trace.program({ loss: add(prediction, edgeCost), edgeGradient, edgeInfluence });

  const featureLogits = trace.inputNamed(FEATURE_LOGITS);
  const featureCost = add(
    mul(mean(sigmoid(featureLogits)), settings.featureSize),
    mul(mean(entropy(featureLogits)), settings.featureEntropy),
  );
  const loss = add(prediction, add(edgeCost, featureCost));
  const [featureGradient] = gradients(add(prediction, featureCost), [featureLogits]);
  return trace.program({ loss, edgeGradient, edgeInfluence, featureGradient });
}

/** The explained output alone, from masked messages and features. */
function maskedProgram({ program, output, messages, features }: GnnExplained): Program {
  const found = program.outputs.find(({ name }) => name === output);
  if (!found) throw new EtalonError('internal', `internal: the program has no output "${output}"`);
  const axis = messageAxis(program, messages);
  const edgeMask = (trace: Trace) =>
    mul(sigmoid(trace.input(EDGE_LOGITS, [axis, 1])), trace.input(EDGE_USED, [axis, 1]));
  return weighMessages(
    { ...program, outputs: [found], state: [] },
    messages,
    edgeMask,
    features ? { [features.input]: maskFeatures(program, features) } : {},
  );
}

/** x → b + (x − b) · σ(logits), column by column (Ying et al. 2019, §4.2, with a fixed b in place of drawn values). */
function maskFeatures(
  program: Program,
  { input, baseline }: NonNullable<GnnExplained['features']>,
): InputChange[string] {
  const node = programInputs(program).get(input);
  if (node?.shape.length !== 2 || node.shape[1] !== baseline.length)
    throw new EtalonError(
      'internal',
      `internal: input "${input}" must be [rows, ${baseline.length}] for its features to be masked`,
    );
  const shape: Shape = [1, baseline.length];
  return (x) => {
    const mask = sigmoid(x.trace.input(FEATURE_LOGITS, shape));
    const from = x.trace.input(FEATURE_BASELINE, shape);
    return add(mul(sub(x, from), mask), from);
  };
}

function predictionLoss({ goal }: GnnExplained, trace: Trace, output: Tensor): Tensor {
  const weights = trace.input(WEIGHTS, output.shape);
  if (goal === 'value') return sum(mul(square(sub(output, trace.input(KEPT, output.shape))), weights));
  const shifted = sub(output, stopGradient(maxOver(output, [1], true)));
  const logProbability = sub(shifted, log(sum(exp(shifted), [1], true)));
  return neg(sum(mul(logProbability, weights)));
}

/** −m log m − (1 − m) log (1 − m) of m = σ(logit), in a form that does not overflow. */
function entropy(logits: Tensor): Tensor {
  return sub(softplus(logits), mul(logits, sigmoid(logits)));
}

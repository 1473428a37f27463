import { EtalonError } from '../base/index.ts';
import {
  type Dim,
  isKind,
  mul,
  type Node,
  type Program,
  programInputs,
  reshape,
  segmentMax,
  segmentSum,
  type Tensor,
  Trace,
} from '../tensor/index.ts';

/** Messages by the index inputs over which they are aggregated: for graphs `receivers`, with graph states `edgeGraph` too. */
export interface Messages {
  readonly indices: readonly string[];
}

/** Makes a tensor in the trace of a program that is rewritten. */
export type Factor = (trace: Trace) => Tensor;

/** Replaces inputs of a program by what is made of them. */
export type InputChange = Readonly<Record<string, (input: Tensor) => Tensor>>;

/**
 * Multiplies every message by its edge's factor [edges, 1] before it is aggregated, whatever the model: a message is a row that enters
 * a segment sum or maximum over one of the index inputs. Sums that only divide (degrees of a mean, the norm of a
 * softmax) and those that gradients do not see are left as they are, so that an edge with the factor 0 says nothing, and the
 * others as much as before.
 * Throws `internal` where the program aggregates nothing over these inputs.
 */
export function weighMessages(
  program: Program,
  { indices }: Messages,
  factor: Factor,
  changes: InputChange = {},
): Program {
  const carried = carriedNodes(program);
  let factors: Tensor | undefined;
  const { trace, tensors } = Trace.from(program, (node, inputs, into) => {
    if (isKind(node, 'input')) {
      const change = changes[node.op.name];
      return change?.(into.input(node.op.name, node.shape, node.dtype));
    }
    if (!carried.has(node.id) || !isAggregation(node)) return undefined;
    const [rows, index] = inputs;
    if (!isInput(index, indices)) return undefined;
    factors ??= factor(into);
    const weighed = mul(rows, fitRank(factors, rows.shape.length));
    const reduce = isKind(node, 'segmentSum') ? segmentSum : segmentMax;
    return reduce(weighed, index, node.shape[0]);
  });
  if (!factors)
    throw new EtalonError('internal', `internal: the program aggregates nothing over ${indices.join(', ')}`);
  return trace.program(Object.fromEntries(program.outputs.map(({ name, id }) => [name, tensors[id]])));
}

/** The axis of the messages: that of the first index input. Throws `internal` where there is none of that name. */
export function messageAxis(program: Program, { indices }: Messages): Dim {
  const input = programInputs(program).get(indices[0]);
  if (!input) throw new EtalonError('internal', `internal: the program has no input "${indices[0]}"`);
  return input.shape[0];
}

/** Nodes from which a value reaches an output other than as a divisor or past a stopped gradient. */
function carriedNodes(program: Program): Set<number> {
  const carried = new Set(program.outputs.map(({ id }) => id));
  for (let id = program.nodes.length - 1; id >= 0; id--)
    if (carried.has(id)) for (const input of carriedInputs(program.nodes[id])) carried.add(input);
  return carried;
}

function carriedInputs({ op, inputs }: Node): readonly number[] {
  if (op.kind === 'stopGradient') return [];
  if (op.kind === 'unary' && op.fn === 'reciprocal') return [];
  if (op.kind === 'binary' && op.fn === 'div') return inputs.slice(0, 1);
  return inputs;
}

function isAggregation(node: Node): boolean {
  return isKind(node, 'segmentSum') || isKind(node, 'segmentMax');
}

function isInput({ node }: Tensor, names: readonly string[]): boolean {
  return isKind(node, 'input') && names.includes(node.op.name);
}

/** [edges, 1] as [edges], [edges, 1] or [edges, 1, 1]. */
function fitRank(factors: Tensor, rank: number): Tensor {
  return reshape(factors, [factors.shape[0], ...new Array<Dim>(rank - 1).fill(1)]);
}

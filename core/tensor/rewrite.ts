import * as o from './ops.ts';
import { isKind, type Program } from './program.ts';
import { type Tensor, Trace } from './trace.ts';

/**
 * W·[e ‖ x[s] ‖ x[r]] = W₁·e + (W₂·x)[s] + (W₃·x)[r]: the part of a product that reads gathered rows is done
 * before they are gathered. A node is multiplied once instead of once for each of its edges, and the
 * concatenation is never made. Written down after differentiation it would save only the forward half: rewrite first.
 */
export function splitGatherMatmul(program: Program): Program {
  const { trace, tensors } = Trace.from(program, (node, inputs) => {
    if (!isKind(node, 'matmul') || node.op.transposeA || node.op.transposeB) return undefined;
    const [joined, weights] = inputs;
    if (joined.node.op.kind !== 'concat' || joined.node.op.axis !== 1) return undefined;
    const parts = joined.node.inputs.map((id) => joined.trace.tensor(id));
    if (!parts.some(isSpreadGather)) return undefined;

    let row = 0;
    const products: Tensor[] = [];
    for (const run of groupPlainParts(parts)) {
      const width = run.shape[1] as number;
      products.push(multiplyBeforeGather(run, rows(weights, row, row + width)));
      row += width;
    }
    return products.reduce((total, product) => o.add(total, product));
  });
  return trace.program(
    Object.fromEntries(program.outputs.map(({ name, id }) => [name, tensors[id]])),
    Object.fromEntries(program.state.map(({ name, output }) => [name, tensors[output]])),
  );
}

/** A gather from one kind of row to another (nodes → edges), which is where rows repeat. */
function isSpreadGather(x: Tensor): boolean {
  if (x.node.op.kind !== 'gather') return false;
  const [source] = x.node.inputs;
  return x.trace.nodes[source].shape.length === 2 && x.trace.nodes[source].shape[0] !== x.shape[0];
}

/** Neighbouring parts that are not gathered stay one concatenation: one product instead of several. */
function groupPlainParts(parts: readonly Tensor[]): Tensor[] {
  const groups: Tensor[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (last && !isSpreadGather(part) && !isSpreadGather(last[0])) last.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => o.concat(group));
}

function multiplyBeforeGather(x: Tensor, weights: Tensor): Tensor {
  if (!isSpreadGather(x)) return o.matmul(x, weights);
  const [source, index] = x.node.inputs.map((id) => x.trace.tensor(id));
  return o.gather(o.matmul(source, weights), index);
}

/** Rows of a weight matrix; of a view they are a view again, whose gradient is then a piece of its own. */
function rows(weights: Tensor, start: number, end: number): Tensor {
  const { op, inputs, shape } = weights.node;
  if (op.kind !== 'view') return o.slice(weights, start, end, 0);
  const columns = shape[1] as number;
  return o.view(weights.trace.tensor(inputs[0]), op.offset + start * columns, [end - start, columns]);
}

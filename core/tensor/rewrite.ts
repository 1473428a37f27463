import * as o from './ops.ts';
import { isKind, type Program } from './program.ts';
import { type Tensor, Trace } from './trace.ts';

/**
 * W·[e ‖ x[s] ‖ x[r]] + b = W₁·e + (W₂·x)[s] + (W₃·x + b)[r]: the part of a product that reads gathered rows is done
 * before they are gathered, parts that are gathered by the same index are added before, and the bias goes where rows are
 * fewest. A node is multiplied once instead of once for each of its edges, and the concatenation is never made.
 * Written down after differentiation it would save only the forward half: rewrite first.
 */
export function splitGatherMatmul(program: Program): Program {
  const splits = new Map<number, Products>();
  const { trace, tensors } = Trace.from(program, (node, inputs) => {
    if (isKind(node, 'binary') && node.op.fn === 'add') return withBias(splits, inputs);
    if (!isKind(node, 'matmul') || node.op.transposeA || node.op.transposeB) return undefined;
    const [joined, weights] = inputs;
    if (joined.node.op.kind !== 'concat' || joined.node.op.axis !== 1) return undefined;
    const parts = joined.node.inputs.map((id) => joined.trace.tensor(id));
    if (!parts.some(isSpreadGather)) return undefined;
    const products = splitProducts(parts, weights);
    const total = totalOf(products);
    splits.set(total.id, products);
    return total;
  });
  return trace.program(
    Object.fromEntries(program.outputs.map(({ name, id }) => [name, tensors[id]])),
    Object.fromEntries(program.state.map(({ name, output }) => [name, tensors[output]])),
  );
}

/** Terms of one number of rows, and those that are gathered from other rows to these, by the id of their index. */
interface Products {
  own: Tensor[];
  gathered: Map<number, Products>;
}

const noProducts = (): Products => ({ own: [], gathered: new Map() });

function splitProducts(parts: readonly Tensor[], weights: Tensor): Products {
  const products = noProducts();
  let row = 0;
  for (const run of groupPlainParts(parts)) {
    const width = run.shape[1] as number;
    addProduct(products, run, rows(weights, row, row + width));
    row += width;
  }
  return products;
}

/** Follows a part through its gathers to the rows where its product is made. */
function addProduct(products: Products, x: Tensor, weights: Tensor): void {
  if (!isSpreadGather(x)) {
    products.own.push(o.matmul(x, weights));
    return;
  }
  const [source, index] = x.node.inputs;
  let inner = products.gathered.get(index);
  if (!inner) {
    inner = noProducts();
    products.gathered.set(index, inner);
  }
  addProduct(inner, x.trace.tensor(source), weights);
}

function totalOf({ own, gathered }: Products): Tensor {
  const terms = [
    ...own,
    ...[...gathered].map(([index, inner]) => {
      const rowsBefore = totalOf(inner);
      return o.gather(rowsBefore, rowsBefore.trace.tensor(index));
    }),
  ];
  return terms.reduce((total, term) => o.add(total, term));
}

/** The sum of a split product and a row, with the row added to the innermost terms: rows are fewest there. */
function withBias(splits: ReadonlyMap<number, Products>, inputs: readonly Tensor[]): Tensor | undefined {
  const [sum, bias] = inputs;
  const products = splits.get(sum.id);
  if (!products || bias.shape.length !== 1 || bias.shape[0] !== sum.shape[1]) return undefined;
  return totalOf(withInnermost(products, bias));
}

function withInnermost({ own, gathered }: Products, bias: Tensor): Products {
  const [last] = [...gathered.keys()].slice(-1);
  if (last === undefined) {
    const [first, ...others] = own;
    return { own: [o.add(first, bias), ...others], gathered };
  }
  return { own, gathered: new Map(gathered).set(last, withInnermost(gathered.get(last)!, bias)) };
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

/** Rows of a weight matrix; of a view they are a view again, whose gradient is then a piece of its own. */
function rows(weights: Tensor, start: number, end: number): Tensor {
  const { op, inputs, shape } = weights.node;
  if (op.kind !== 'view') return o.slice(weights, start, end, 0);
  const columns = shape[1] as number;
  return o.view(weights.trace.tensor(inputs[0]), op.offset + start * columns, [end - start, columns]);
}

import { EtalonError } from '../base/index.ts';
import * as o from './ops.ts';
import { type BinaryName, elementCount, type Node, type OpKind, type UnaryName } from './program.ts';
import type { Tensor, Trace } from './trace.ts';

/** What a rule is given: the operands x, the result y, and dy, the derivative of the loss by y. */
interface Rule<K extends OpKind> {
  node: Node<K>;
  x: readonly Tensor[];
  y: Tensor;
  dy: Tensor;
}

/** The derivative by each operand; null where there is none (indices, shapes). */
type Vjp<K extends OpKind> = (rule: Rule<K>) => readonly (Tensor | null)[];

/** dy/dx of every element-wise function, from x, y and dy. */
const UNARY_GRADIENTS: Record<UnaryName, (x: Tensor, y: Tensor, dy: Tensor) => Tensor | null> = {
  neg: (_x, _y, dy) => o.neg(dy),
  reciprocal: (_x, y, dy) => o.neg(o.mul(dy, o.square(y))),
  square: (x, _y, dy) => o.mul(o.mul(dy, 2), x),
  sqrt: (_x, y, dy) => o.mul(o.div(dy, y), 0.5),
  exp: (_x, y, dy) => o.mul(dy, y),
  log: (x, _y, dy) => o.div(dy, x),
  abs: (x, _y, dy) => o.mul(dy, o.sign(x)),
  sign: () => null,
  step: () => null,
  relu: (_x, y, dy) => o.mul(dy, o.step(y)),
  tanh: (_x, y, dy) => o.mul(dy, o.sub(1, o.square(y))),
  sigmoid: (_x, y, dy) => o.mul(dy, o.mul(y, o.sub(1, y))),
  softplus: (x, _y, dy) => o.mul(dy, o.sigmoid(x)),
  sin: (x, _y, dy) => o.mul(dy, o.cos(x)),
  cos: (x, _y, dy) => o.neg(o.mul(dy, o.sin(x))),
};

/** The same for two operands, before broadcasting is undone. Ties of max and min go to the second operand. */
const BINARY_GRADIENTS: Record<
  BinaryName,
  (a: Tensor, b: Tensor, y: Tensor, dy: Tensor) => readonly [Tensor, Tensor]
> = {
  add: (_a, _b, _y, dy) => [dy, dy],
  sub: (_a, _b, _y, dy) => [dy, o.neg(dy)],
  mul: (a, b, _y, dy) => [o.mul(dy, b), o.mul(dy, a)],
  div: (_a, b, y, dy) => {
    const da = o.div(dy, b);
    return [da, o.neg(o.mul(da, y))];
  },
  max: (a, b, _y, dy) => {
    const da = o.mul(dy, o.step(o.sub(a, b)));
    return [da, o.sub(dy, da)];
  },
  min: (a, b, _y, dy) => {
    const da = o.mul(dy, o.step(o.sub(b, a)));
    return [da, o.sub(dy, da)];
  },
};

/** 1 where x is the largest value, which is nowhere exceeded, else 0. */
function isLargest(x: Tensor, largest: Tensor): Tensor {
  return o.sub(1, o.step(o.sub(largest, x)));
}

/** The gradient table: one rule for each operation, and the compiler misses none. */
const GRADIENTS: { [K in OpKind]: Vjp<K> } = {
  input: () => [],
  constant: () => [],
  size: () => [],
  stopGradient: () => [null],
  random: () => [null],
  view: ({ node, x: [flat], dy }) => [o.pack([dy], [node.op.offset], flat.shape[0] as number)],
  pack: ({ node, x, dy }) =>
    x.map((piece, i) => o.view(dy, node.op.offsets[i], piece.shape as readonly number[])),
  unary: ({ node, x: [x], y, dy }) => [UNARY_GRADIENTS[node.op.fn](x, y, dy)],
  binary: ({ node, x: [a, b], y, dy }) => {
    const [da, db] = BINARY_GRADIENTS[node.op.fn](a, b, y, dy);
    return [o.sumTo(da, a.shape), o.sumTo(db, b.shape)];
  },
  // y = A·B with A = aᵀ or a, B = bᵀ or b; dA = dy·Bᵀ, dB = Aᵀ·dy.
  matmul: ({ node, x: [a, b], dy }) => {
    const { transposeA: ta, transposeB: tb } = node.op;
    const da = ta
      ? o.matmul(b, dy, { transposeA: tb, transposeB: true })
      : o.matmul(dy, b, { transposeB: !tb });
    const db = tb
      ? o.matmul(dy, a, { transposeA: true, transposeB: ta })
      : o.matmul(a, dy, { transposeA: !ta });
    return [da, db];
  },
  sum: ({ node, x: [x], dy }) => {
    const kept = x.shape.map((dim, axis) => (node.op.axes.includes(axis) ? 1 : dim));
    return [o.expand(o.reshape(dy, kept), x)];
  },
  maxOver: ({ node, x: [x], y, dy }) => {
    const { axes } = node.op;
    const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
    const largest = isLargest(x, o.reshape(y, kept));
    return [o.mul(largest, o.div(o.reshape(dy, kept), o.max(o.sum(largest, axes, true), 1)))];
  },
  expand: ({ x: [x], dy }) => [o.sumTo(dy, x.shape), null],
  gather: ({ x: [x, index], dy }) => [o.segmentSum(dy, index, x.shape[0]), null],
  segmentSum: ({ x: [, index], dy }) => [o.gather(dy, index), null],
  segmentMax: ({ x: [x, index], y, dy }) => {
    const largest = isLargest(x, o.gather(y, index));
    const ties = o.max(o.segmentSum(largest, index, y.shape[0]), 1);
    return [o.mul(largest, o.gather(o.div(dy, ties), index)), null];
  },
  concat: ({ node, x, dy }) => {
    const { axis } = node.op;
    let start = 0;
    return x.map((part) => {
      const end = start + (part.shape[axis] as number);
      const piece = o.slice(dy, start, end, axis);
      start = end;
      return piece;
    });
  },
  slice: ({ node, x: [x], dy }) => {
    const { axis, start, end } = node.op;
    return [o.pad(dy, start, (x.shape[axis] as number) - end, axis)];
  },
  pad: ({ node, x: [x], dy }) => {
    const { axis, before } = node.op;
    return [o.slice(dy, before, before + (x.shape[axis] as number), axis)];
  },
  reshape: ({ x: [x], dy }) => [o.reshape(dy, x.shape)],
};

/**
 * Reverse-mode derivatives of a scalar by each of `wrt`, written into the loss's own trace.
 * A tensor on which the loss does not depend has the derivative 0.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0)
    throw new EtalonError('internal', `internal: the loss must be a scalar, it is [${loss.shape}]`);
  const { trace } = loss;
  const depends = dependents(trace, loss.id, wrt);
  const contributions = new Map<number, Tensor[]>([[loss.id, [trace.constant(1)]]]);
  const derivative = (id: number): Tensor | undefined => {
    const parts = contributions.get(id);
    return parts && accumulate(parts);
  };

  for (let id = loss.id; id >= 0; id--) {
    if (!depends.has(id) || !contributions.has(id)) continue;
    const node = trace.nodes[id];
    const x = node.inputs.map((input) => trace.tensor(input));
    const rule = { node, x, y: trace.tensor(id), dy: derivative(id)! };
    const vjp = GRADIENTS[node.op.kind] as Vjp<OpKind>;
    vjp(rule).forEach((part, i) => {
      if (!part || !depends.has(node.inputs[i])) return;
      const known = contributions.get(node.inputs[i]);
      if (known) known.push(part);
      else contributions.set(node.inputs[i], [part]);
    });
  }
  return wrt.map((tensor) => derivative(tensor.id) ?? o.expand(trace.constant(0), tensor));
}

/** Ids of the nodes up to `last` through which some tensor of `wrt` reaches it. */
function dependents(trace: Trace, last: number, wrt: readonly Tensor[]): Set<number> {
  const depends = new Set(wrt.map((tensor) => tensor.id));
  for (let id = 0; id <= last; id++)
    if (trace.nodes[id].inputs.some((input) => depends.has(input))) depends.add(id);
  return depends;
}

/**
 * The sum of the contributions to one derivative. Those to a flat tensor of parameters come as packs of one
 * piece each; they become one pack, so that the cost does not grow with parameters × uses. Those of slices that lie side by
 * side become a concatenation, instead of being filled up with zeros and added.
 */
function accumulate(parts: Tensor[]): Tensor {
  if (parts.length > 1) {
    const packs = parts.filter((part) => part.node.op.kind === 'pack');
    const merged = packs.length > 1 ? mergePacks(packs) : undefined;
    const terms = merged
      ? [merged, ...parts.filter((part) => !packs.includes(part))]
      : [joinPads(parts) ?? parts].flat();
    parts.splice(
      0,
      parts.length,
      terms.reduce((sum, term) => o.add(sum, term)),
    );
  }
  return parts[0];
}

/** The concatenation that pads add up to, where they fill an axis side by side. */
function joinPads(parts: readonly Tensor[]): Tensor | undefined {
  const pads = parts.flatMap(({ trace, node }) =>
    node.op.kind === 'pad' ? [{ ...node.op, piece: trace.tensor(node.inputs[0]) }] : [],
  );
  pads.sort((a, b) => a.before - b.before);
  const [first] = pads;
  if (pads.length < parts.length || pads.some(({ axis }) => axis !== first.axis)) return undefined;
  let end = 0;
  for (const { axis, before, piece } of pads) {
    if (before !== end) return undefined;
    end += piece.shape[axis] as number;
  }
  if (end !== parts[0].shape[first.axis]) return undefined;
  return o.concat(
    pads.map(({ piece }) => piece),
    first.axis,
  );
}

function mergePacks(packs: readonly Tensor[]): Tensor | undefined {
  const pieces = new Map<number, Tensor>();
  let sameRanges = true;
  for (const { node, trace } of packs) {
    if (node.op.kind !== 'pack') return undefined;
    node.op.offsets.forEach((offset, i) => {
      const piece = trace.tensor(node.inputs[i]);
      const known = pieces.get(offset);
      if (known && elementCount(known.shape) !== elementCount(piece.shape)) sameRanges = false;
      else pieces.set(offset, known ? o.add(known, o.reshape(piece, known.shape)) : piece);
    });
  }
  if (!sameRanges) return undefined;
  const offsets = [...pieces.keys()].sort((a, b) => a - b);
  const ordered = offsets.map((offset) => pieces.get(offset)!);
  // Views that share only a part of their range cannot be one pack.
  const overlap = offsets.some(
    (offset, i) => i > 0 && offsets[i - 1] + elementCount(ordered[i - 1].shape) > offset,
  );
  return overlap ? undefined : o.pack(ordered, offsets, packs[0].shape[0] as number);
}

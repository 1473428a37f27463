import { EtalonError } from '../base/index.ts';
import type { Dim, DType, Op, OpKind, Shape } from './program.ts';

export interface OperandShape {
  shape: Shape;
  dtype: DType;
}

/** Which operand of an operation is int32, where one is. */
const INTEGER_OPERAND: Partial<Record<OpKind, number>> = {
  gather: 1,
  segmentSum: 1,
  segmentMax: 1,
  random: 0,
};

/** The shape of an operation's result. Throws `internal` naming the operation and the operands that do not fit. */
export function inferShape(op: Op, operands: readonly OperandShape[], given?: Shape): Shape {
  const shapes = operands.map((operand) => operand.shape);
  const fail = (why: string): never => {
    throw new EtalonError(
      'internal',
      `internal: ${op.kind}(${shapes.map((shape) => `[${shape}]`).join(', ')}): ${why}`,
    );
  };
  const integerAt = INTEGER_OPERAND[op.kind];
  operands.forEach(({ dtype }, position) => {
    if (op.kind === 'expand' && position === 1) return; // of which only the shape counts
    if ((dtype === 'i32') !== (position === integerAt)) fail(`operand ${position} must not be ${dtype}`);
  });

  switch (op.kind) {
    case 'view': {
      const [flat] = shapes;
      const size = staticCount(given ?? fail('needs a shape'), fail);
      if (flat.length !== 1 || typeof flat[0] !== 'number') fail('the flat tensor must be [P]');
      if (op.offset < 0 || op.offset + size > (flat[0] as number)) fail('reaches beyond the flat tensor');
      return given!;
    }
    case 'pack': {
      if (given?.length !== 1 || typeof given[0] !== 'number') return fail('needs a shape [P]');
      if (op.offsets.length !== shapes.length) fail('needs an offset for each piece');
      let end = 0;
      shapes.forEach((shape, i) => {
        if (op.offsets[i] < end) fail('pieces must be in order and must not overlap');
        end = op.offsets[i] + staticCount(shape, fail);
      });
      if (end > given[0]) fail('reaches beyond the flat tensor');
      return given;
    }
    case 'unary':
    case 'stopGradient':
      return shapes[0];
    case 'binary':
      return broadcastShapes(shapes[0], shapes[1]) ?? fail('shapes do not broadcast');
    case 'matmul': {
      const [a, b] = shapes;
      if (a.length !== 2 || b.length !== 2) fail('operands must be matrices');
      const [rows, inner] = op.transposeA ? [a[1], a[0]] : a;
      const [innerB, columns] = op.transposeB ? [b[1], b[0]] : b;
      if (inner !== innerB) fail(`inner sizes ${inner} and ${innerB} differ`);
      return [rows, columns];
    }
    case 'random':
      if (shapes[0].length !== 0) fail('the seed must be a scalar');
      if (!Number.isInteger(op.stream) || op.stream < 0 || op.stream > 0xffffffff)
        fail(`${op.stream} is no stream`);
      return given ?? fail('needs a shape');
    case 'sum':
    case 'maxOver': {
      const [shape] = shapes;
      if (op.axes.some((axis) => axis < 0 || axis >= shape.length)) fail(`no axis ${op.axes}`);
      if (op.keepDims) return shape.map((dim, axis) => (op.axes.includes(axis) ? 1 : dim));
      return shape.filter((_, axis) => !op.axes.includes(axis));
    }
    case 'expand': {
      const [shape, like] = shapes;
      const wide = broadcastShapes(shape, like);
      if (!wide || String(wide) !== String(like)) fail('cannot be repeated to that shape');
      return like;
    }
    case 'gather': {
      const [shape, index] = shapes;
      if (shape.length < 1 || index.length !== 1) fail('needs rows and a list of indices');
      return [index[0], ...shape.slice(1)];
    }
    case 'segmentSum':
    case 'segmentMax': {
      const [shape, index] = shapes;
      if (shape.length < 1 || index.length !== 1 || shape[0] !== index[0])
        fail('needs one index for each row');
      if (given?.length !== 1) return fail('needs the number of segments');
      return [given[0], ...shape.slice(1)];
    }
    case 'concat': {
      const [first] = shapes;
      if (!first || op.axis < 0 || op.axis >= first.length) return fail(`no axis ${op.axis}`);
      let size = 0;
      for (const shape of shapes) {
        const same =
          shape.length === first.length && shape.every((dim, i) => i === op.axis || dim === first[i]);
        const dim = shape[op.axis];
        if (!same || typeof dim !== 'number') return fail('parts may differ only in a static axis');
        size += dim;
      }
      return replaceAxis(first, op.axis, size);
    }
    case 'slice': {
      const dim = shapes[0][op.axis];
      if (typeof dim !== 'number' || op.start < 0 || op.end > dim || op.start >= op.end)
        return fail(`no range ${op.start} … ${op.end} on axis ${op.axis}`);
      return replaceAxis(shapes[0], op.axis, op.end - op.start);
    }
    case 'pad': {
      const dim = shapes[0][op.axis];
      if (typeof dim !== 'number' || op.before < 0 || op.after < 0)
        return fail(`axis ${op.axis} must be static`);
      return replaceAxis(shapes[0], op.axis, op.before + dim + op.after);
    }
    case 'reshape': {
      const [from] = shapes;
      const to = given ?? fail('needs a shape');
      const symbolic = (shape: Shape) => shape.filter((dim) => typeof dim === 'string').sort();
      const size = (shape: Shape) =>
        shape.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
      if (String(symbolic(from)) !== String(symbolic(to)) || size(from) !== size(to))
        fail(`cannot become [${to}]`);
      return to;
    }
    case 'input':
    case 'constant':
    case 'size':
      return fail('is not an operation on tensors');
    default:
      throw op satisfies never;
  }
}

/** The common shape of two operands, or undefined when there is none. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const dimA = a[i - (rank - a.length)] ?? 1;
    const dimB = b[i - (rank - b.length)] ?? 1;
    if (dimA !== dimB && dimA !== 1 && dimB !== 1) return undefined;
    result.push(dimA === 1 ? dimB : dimA);
  }
  return result;
}

function replaceAxis(shape: Shape, axis: number, size: number): Shape {
  return shape.map((dim, i) => (i === axis ? size : dim));
}

function staticCount(shape: Shape, fail: (why: string) => never): number {
  return shape.reduce<number>(
    (product, dim) => product * (typeof dim === 'number' ? dim : fail('sizes must be static')),
    1,
  );
}

import { EtalonError } from '../base/index.ts';
import {
  add,
  concat,
  div,
  gradients,
  min,
  mul,
  slice,
  sqrt,
  square,
  sum,
  type Tensor,
} from '../tensor/index.ts';

export interface ClipOptions {
  clipNorm: number;
  clipParts?: number;
}

export interface Clipped {
  /** [parameters] the gradient, no part of it longer than the limit. */
  clipped: Tensor;
  /** The gradients of rows, scaled with it. */
  rows: Tensor[];
  /** Global norm before. */
  norm: Tensor;
  /** [parameters] derivative of `clipped` as the gradient moves along a direction [parameters]. */
  along(direction: Tensor): Tensor;
}

/**
 * g · min(1, limit / ‖g‖) (Pascanu et al. 2013, algorithm 1), for each of `clipParts` equal parts of a flat gradient by itself. `rowGradients`
 * count in the norm of the only part.
 */
export function clipByNorm(
  gradient: Tensor,
  rowGradients: readonly Tensor[],
  { clipNorm, clipParts = 1 }: ClipOptions,
): Clipped {
  if (rowGradients.length > 0 && clipParts > 1)
    throw new EtalonError('internal', 'internal: embedding tables belong to one network, not to several');
  const size = (gradient.shape[0] as number) / clipParts;
  const split = (flat: Tensor) =>
    Array.from({ length: clipParts }, (_, part) => slice(flat, part * size, (part + 1) * size));
  const parts = split(gradient);
  const squares = parts.map((part) =>
    [part, ...rowGradients].map((values) => sum(square(values))).reduce(add),
  );
  const scales = squares.map((value) => min(div(clipNorm, normOf(value)), 1));
  return {
    clipped: concat(
      parts.map((part, i) => mul(part, scales[i])),
      0,
    ),
    rows: rowGradients.map((values) => mul(values, scales[0])),
    norm: normOf(squares.reduce(add)),
    along(direction) {
      const moved = split(direction).map((change, i) => {
        const [byPart] = gradients(scales[i], [parts[i]]);
        return add(mul(change, scales[i]), mul(parts[i], sum(mul(byPart, change))));
      });
      return concat(moved, 0);
    },
  };
}

const normOf = (squares: Tensor): Tensor => sqrt(add(squares, 1e-20));

import { type InputValue, interpret, type Program } from '../../core/tensor/index.ts';

/** Central differences of a program's scalar output with respect to one of its inputs, in float64. */
export function centralDifferences(
  program: Program,
  inputs: Readonly<Record<string, InputValue>>,
  name: string,
  { output = 'loss', step = 1e-5 } = {},
): Float64Array {
  const valueAt = (i: number, offset: number): number => {
    const moved = Float64Array.from(inputs[name]);
    moved[i] += offset;
    return interpret(program, { ...inputs, [name]: moved }).outputs[output][0];
  };
  return Float64Array.from(inputs[name], (_, i) => (valueAt(i, step) - valueAt(i, -step)) / (2 * step));
}

import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { add, gradients, interpret, square, sum } from '../../core/tensor/index.ts';
import { centralDifferences } from '../support/differences.ts';
import { caseInputs, OP_CASES, traceCase } from '../support/opCases.ts';
import { relativeError } from '../support/relativeError.ts';

const SIZES = new Map([
  ['nodes', 4],
  ['edges', 7],
]);

/** Rules are written with the verbs of layers, so derivatives have derivatives: here of Σ ‖∂L/∂x‖², L = Σ y². */
describe('second derivatives against central differences of the first', () => {
  it.each(OP_CASES)('$kind: $name', (opCase) => {
    const { trace, inputs, result } = traceCase(opCase);
    const names = Object.keys(inputs).filter((name) => inputs[name].dtype === 'f32');
    const tensors = names.map((name) => inputs[name]);
    const first = gradients(sum(square(result)), tensors);
    const loss = first.map((gradient) => sum(square(gradient))).reduce((total, part) => add(total, part));
    const second = gradients(loss, tensors);
    const outputs = Object.fromEntries(names.map((name, i) => [`d ${name}`, second[i]]));
    const program = trace.program({ loss, ...outputs });
    const values = caseInputs(opCase, SIZES, new Random(3));
    for (const name of names)
      expect(
        relativeError(
          interpret(program, values).outputs[`d ${name}`],
          centralDifferences(program, values, name),
        ),
        name,
      ).toBeLessThanOrEqual(1e-6);
  });
});

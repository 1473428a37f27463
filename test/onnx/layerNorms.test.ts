import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { createCpuDevice } from '../../core/device/cpu/index.ts';
import type { Device } from '../../core/device/types.ts';
import { bindParameters, layerNorm, ParameterLayout } from '../../core/gnn/index.ts';
import { lowerProgram } from '../../core/onnx/index.ts';
import { gradients, interpret, type Program, type Tensor, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { relativeError } from '../support/relativeError.ts';

const WIDTH = 6;
const ROWS = 50;

/** A norm of x [n, 6], as what `result` makes of it. */
function normProgram(result: (norm: Tensor, x: Tensor) => Record<string, Tensor>): Program {
  const layout = new ParameterLayout();
  const norm = layerNorm(layout, 'norm', WIDTH);
  const trace = new Trace();
  const x = trace.input('x', ['n', WIDTH]);
  return trace.program(result(norm(bindParameters(trace, layout), x), x));
}

const operators = (program: Program, segmentSums: 'buckets' | 'serial' | 'scatter') =>
  lowerProgram(program, { segmentSums }).graph.nodes.map(({ op }) => op);

describe('layer norms', () => {
  const plain = normProgram((y) => ({ y }));

  it.each(['buckets', 'serial'] as const)('are one operator on a device (%s)', (segmentSums) => {
    const ops = operators(plain, segmentSums);
    expect(ops).toContain('LayerNormalization');
    expect(ops).not.toContain('ReduceSum');
    expect(ops).not.toContain('Sqrt');
  });

  it('stay as they are in files for others', () => {
    expect(operators(plain, 'scatter')).not.toContain('LayerNormalization');
  });

  it('stay as they are where a gradient reads their steps', () => {
    const program = normProgram((y, x) => ({ dx: gradients(o.sum(o.square(y)), [x])[0] }));
    expect(operators(program, 'serial')).not.toContain('LayerNormalization');
  });

  it.each([
    ['variance', (x: Tensor) => o.sqrt(o.add(o.mean(x, [1], true), 1))],
    ['mean of others', (x: Tensor) => o.sqrt(o.add(o.mean(o.square(x), [1], true), 1))],
  ])('are not taken for one where the %s is something else', (_, deviation) => {
    const trace = new Trace();
    const x = trace.input('x', ['n', WIDTH]);
    const row = trace.input('row', [WIDTH]);
    const centred = o.sub(x, o.mean(x, [1], true));
    const program = trace.program({ y: o.add(o.mul(o.div(centred, deviation(x)), row), row) });
    expect(operators(program, 'serial')).not.toContain('LayerNormalization');
  });

  describe('on a device', () => {
    let device: Device;
    beforeAll(async () => {
      device = await createCpuDevice({ threads: 1 });
    });
    afterAll(() => device.dispose());

    it.each([0, 1, 300])('are those of the reference around a mean of %i', async (mean) => {
      const random = new Random(3);
      const feed = {
        x: Float32Array.from({ length: ROWS * WIDTH }, () => mean + random.normal()),
        parameters: Float32Array.from({ length: 2 * WIDTH }, () => random.normal()),
      };
      const executable = await device.compile(plain);
      const { y } = await executable.run(feed);
      // Values of float32 around 300 lie 3e-5 apart.
      expect(relativeError(y, interpret(plain, feed).outputs.y)).toBeLessThan(mean > 1 ? 1e-4 : 2e-6);
      await executable.dispose();
    });
  });
});

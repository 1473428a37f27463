import type { Device } from '@etalon/core/device';
import { matmul, mul, type Program, Trace } from '@etalon/core/tensor';

/** What a device moves and computes at best. */
export interface Peaks {
  gbPerS: number;
  gflops: number;
  /** Which of them were measured by a copy and a product, rather than given. */
  measured: boolean;
}

const ROUNDS = 5;

/** The peaks that were given, and for the others the best of a few long copies and large products. */
export async function measurePeaks(
  device: Device,
  given: { peakGbPerS?: number; peakGflops?: number },
): Promise<Peaks> {
  // A software renderer would take minutes for what keeps a GPU busy.
  const small = /software/i.test(device.description);
  return {
    gbPerS: given.peakGbPerS ?? (await best(device, copyProgram(small ? 2 ** 18 : 2 ** 26), 'bytes')),
    gflops: given.peakGflops ?? (await best(device, productProgram(small ? 128 : 4096), 'flops')),
    measured: given.peakGbPerS === undefined || given.peakGflops === undefined,
  };
}

/** Billions a second of the fastest round. */
async function best(device: Device, program: Program, what: 'bytes' | 'flops'): Promise<number> {
  const executable = await device.compile(program);
  let rate = 0;
  try {
    for (const { name } of program.state) {
      const input = program.nodes.find(({ op }) => op.kind === 'input' && op.name === name)!;
      const count = (input.shape as readonly number[]).reduce((product, dim) => product * dim, 1);
      await executable.setState(name, new Float32Array(count).fill(1));
    }
    for (let round = 0; round < ROUNDS; round++) {
      const kernels = await executable.profile!({});
      const main = kernels.reduce((longest, kernel) => (kernel.ms > longest.ms ? kernel : longest));
      if (main.ms > 0) rate = Math.max(rate, main[what] / 1e6 / main.ms);
    }
  } finally {
    await executable.dispose();
  }
  return rate;
}

function copyProgram(count: number): Program {
  const trace = new Trace();
  const x = trace.input('x', [count]);
  return trace.program({}, { x: mul(x, 1) });
}

function productProgram(size: number): Program {
  const trace = new Trace();
  const a = trace.input('a', [size, size]);
  const b = trace.input('b', [size, size]);
  return trace.program({}, { a: matmul(a, b), b });
}

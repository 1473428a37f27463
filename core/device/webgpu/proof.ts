import { type Program, Trace } from '../../tensor/index.ts';
import { matmul } from '../../tensor/ops.ts';
import type { GpuContext } from './context.ts';
import { WebGpuExecutable } from './executable.ts';
import type { MatrixUnits } from './kernels/matmul/matrixUnits.ts';
import { type LowerOptions, lower } from './plan/lower.ts';

/** Sizes that no tile divides. */
const [ROWS, INNER, COLUMNS] = [70, 50, 90];
/** Of the largest result: operands are rounded to 2⁻¹¹ of themselves, and errors of 50 products partly cancel. */
const TOLERANCE = 2e-3;

/**
 * Whether an adapter's matrix units compute what the plain kernels do. They are an experiment of Chromium's: a shader that does
 * not compile, a driver that errs and a wrong result all count as no.
 */
export async function matrixUnitsAreRight(
  context: GpuContext,
  lowering: LowerOptions,
  units: MatrixUnits,
): Promise<boolean> {
  try {
    for (const transposeA of [false, true])
      for (const transposeB of [false, true]) {
        const program = productOf(transposeA, transposeB);
        const plain = await runOnce(program, context, lowering);
        const found = await runOnce(program, context, {
          ...lowering,
          matrixUnits: { ...units, always: true },
        });
        const scale = plain.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        if (!found.every((value, i) => Math.abs(value - plain[i]) <= TOLERANCE * scale)) return false;
      }
    return true;
  } catch {
    return false;
  }
}

function productOf(transposeA: boolean, transposeB: boolean): Program {
  const trace = new Trace();
  const a = trace.input('a', transposeA ? [INNER, ROWS] : [ROWS, INNER]);
  const b = trace.input('b', transposeB ? [COLUMNS, INNER] : [INNER, COLUMNS]);
  return trace.program({ product: matmul(a, b, { transposeA, transposeB }) });
}

async function runOnce(program: Program, context: GpuContext, lowering: LowerOptions): Promise<Float32Array> {
  const executable = new WebGpuExecutable(
    { program, fixed: {}, plan: lower(program, lowering) },
    context,
    undefined,
    () => {},
  );
  try {
    const wave = (length: number, step: number) =>
      Float32Array.from({ length }, (_, i) => Math.sin(1 + i * step));
    return (await executable.run({ a: wave(ROWS * INNER, 0.7), b: wave(INNER * COLUMNS, 1.3) })).product;
  } finally {
    await executable.dispose();
  }
}

import { describe, expect, it } from 'vitest';
import { interpret, Trace } from '../../core/tensor/index.ts';
import { type ClipOptions, clipByNorm } from '../../core/train/clipping.ts';

const GRADIENT = [3, -4, 0.1, 0.2, -6, 8];
const ROWS = [2, -1];
const DIRECTION = [0.5, 1, -2, 0.3, 0.7, -1];

function clip(gradient: readonly number[], options: ClipOptions, rows: readonly number[] = []) {
  const trace = new Trace();
  const [g, r, d] = ['g', 'r', 'd'].map((name) => trace.input(name, [name === 'r' ? ROWS.length : 6]));
  const { clipped, rows: clippedRows, norm, along } = clipByNorm(g, rows.length > 0 ? [r] : [], options);
  const outputs = { clipped, norm, moved: along(d), ...(clippedRows[0] && { rows: clippedRows[0] }) };
  const feed = {
    g: Float64Array.from(gradient),
    r: Float64Array.from(ROWS),
    d: Float64Array.from(DIRECTION),
  };
  return interpret(trace.program(outputs), feed).outputs;
}

describe('clipping', () => {
  it('shortens a gradient and its rows together', () => {
    const length = Math.hypot(...GRADIENT, ...ROWS);
    const out = clip(GRADIENT, { clipNorm: 2 }, ROWS);
    expect(out.norm[0]).toBeCloseTo(length, 9);
    GRADIENT.forEach((value, i) => {
      expect(out.clipped[i]).toBeCloseTo((value / length) * 2, 9);
    });
    ROWS.forEach((value, i) => {
      expect(out.rows[i]).toBeCloseTo((value / length) * 2, 9);
    });
  });

  it('leaves each part to its own norm', () => {
    const out = clip(GRADIENT, { clipNorm: 2, clipParts: 3 });
    [3 / 2.5, -4 / 2.5, 0.1, 0.2, -6 / 5, 8 / 5].forEach((value, i) => {
      expect(out.clipped[i]).toBeCloseTo(value, 9);
    });
    expect(out.norm[0]).toBeCloseTo(Math.hypot(...GRADIENT), 9);
  });

  it.each([1, 2, 3])('knows how %i clipped parts move with the gradient', (clipParts) => {
    const options = { clipNorm: 2, clipParts };
    const step = 1e-6;
    const at = (t: number) =>
      clip(
        GRADIENT.map((value, i) => value + t * DIRECTION[i]),
        options,
      ).clipped;
    const [ahead, behind] = [at(step), at(-step)];
    const { moved } = clip(GRADIENT, options);
    moved.forEach((value, i) => {
      expect(value).toBeCloseTo((ahead[i] - behind[i]) / (2 * step), 6);
    });
  });

  it('refuses rows of several networks', () => {
    expect(() => clip(GRADIENT, { clipNorm: 2, clipParts: 2 }, ROWS)).toThrow('belong to one network');
  });
});

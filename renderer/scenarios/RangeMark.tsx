import type { ApiDifferenceRange } from '../api/types.ts';
import { linear } from '../charts/scale.ts';
import { signed } from '../format/format.ts';

const WIDTH = 72;

/** A difference with its range about zero; hollow where the range includes zero. */
export function RangeMark({ range, most }: { range: ApiDifferenceRange; most: number }) {
  const x = linear([-most, most], [4, WIDTH - 4]);
  const unclear = range.low <= 0 && range.high >= 0;
  const color = unclear ? 'var(--text-3)' : range.value > 0 ? 'var(--run-4)' : 'var(--good)';
  return (
    <svg width={WIDTH} height={14} className="range-mark" aria-hidden>
      <line className="zero" x1={x(0)} x2={x(0)} y1={1} y2={13} />
      <line x1={x(range.low)} x2={x(range.high)} y1={7} y2={7} stroke={color} strokeWidth={2} />
      <circle
        cx={x(range.value)}
        cy={7}
        r={3}
        fill={unclear ? 'var(--panel)' : color}
        stroke={color}
        strokeWidth={unclear ? 1.5 : 0}
      />
    </svg>
  );
}

export const rangeText = ({ low, high }: ApiDifferenceRange, digits: number): string =>
  `${signed(low, digits)} to ${signed(high, digits)}`;

import { linear } from '../charts/scale.ts';
import type { Gap, Outcome } from './verdict.ts';

const WIDTH = 150;
const HEIGHT = 18;

/**
 * A difference with its 95 % interval around zero; left is better for the first. Hollow: the interval holds zero. What lies
 * beyond the axis ends in an arrow.
 */
export function GapMark({
  gap,
  found,
  reach,
  baseline,
}: {
  gap: Gap;
  found: Outcome;
  reach: number;
  baseline: boolean;
}) {
  const x = linear([-reach, reach], [6, WIDTH - 6]);
  const inside = (value: number) => Math.min(WIDTH - 6, Math.max(6, x(value)));
  const loses = baseline ? 'var(--baseline)' : 'var(--run-2)';
  const color = found === 'better' ? 'var(--run-1)' : found === 'worse' ? loses : 'var(--text-2)';
  const beyond = Math.abs(gap.value) > reach;
  const y = HEIGHT / 2;
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden className="gap-mark">
      <line className="gap-zero" x1={x(0)} x2={x(0)} y1={0} y2={HEIGHT} />
      {gap.low !== null && gap.high !== null && (
        <line x1={inside(gap.low)} x2={inside(gap.high)} y1={y} y2={y} stroke={color} strokeWidth={2} />
      )}
      {beyond ? (
        <path d={gap.value < 0 ? `M7 ${y - 4}l-7 4l7 4z` : `M${WIDTH - 7} ${y - 4}l7 4l-7 4z`} fill={color} />
      ) : found === 'worse' ? (
        <rect x={x(gap.value) - 3.5} y={y - 3.5} width={7} height={7} fill={color} />
      ) : (
        <circle
          cx={x(gap.value)}
          cy={y}
          r={3.6}
          fill={found === 'unclear' ? 'var(--panel)' : color}
          stroke={color}
          strokeWidth={1.6}
        />
      )}
    </svg>
  );
}

/** An axis that holds the given gaps and their intervals. */
export function reachOf(gaps: readonly Gap[]): number {
  const ends = gaps.flatMap(({ value, low, high }) => [value, low ?? 0, high ?? 0]).map(Math.abs);
  return Math.max(1e-9, ...ends.filter(Number.isFinite)) * 1.05;
}

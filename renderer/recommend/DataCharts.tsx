import { plural } from '@etalon/core/base/words';
import type { ApiInteractionSummary } from '../api/types.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { count, dayOfMonth } from '../format/format.ts';

const DAY_S = 86_400;
const HEIGHT = 140;

interface EdgesOverTimeProps {
  time: NonNullable<ApiInteractionSummary['overTime']>;
  edges: string;
}

export function EdgesOverTime({ time: { fromS, stepS, edges: counts }, edges }: EdgesOverTimeProps) {
  const dayAt = (step: number) => new Date((fromS + step * stepS) * 1000).toISOString().slice(0, 10);
  const clockAt = (step: number) => new Date((fromS + step * stepS) * 1000).toISOString().slice(0, 16);
  const name = (step: number) => (stepS < DAY_S ? clockAt(step).replace('T', ' ') : dayAt(step));
  const every = Math.max(1, Math.ceil(counts.length / 5));
  const marks = counts.flatMap((_, step) =>
    step % every === 0 ? [{ at: step + 0.5, text: markOf(dayAt(step), stepS, counts.length) }] : [],
  );
  return (
    <Figure
      title="Over time"
      quantity={`${edges} in ${stepName(stepS)}`}
      xLabel="beginning"
      table={{ head: ['beginning', 'edges'], rows: counts.map((value, step) => [name(step), count(value)]) }}
    >
      <BarChart
        label={`Edges over time: ${count(Math.max(...counts))} at most in ${stepName(stepS)}`}
        height={HEIGHT}
        values={counts}
        yAxis
        yFormat={short}
        name={name}
        marks={marks.filter((mark, i) => marks.findIndex(({ text }) => text === mark.text) === i)}
      />
    </Figure>
  );
}

/** Years are told where the chart spans several. */
function markOf(day: string, stepS: number, steps: number): string {
  return stepS * steps > 400 * DAY_S ? day.slice(0, 7) : dayOfMonth(day);
}

function stepName(stepS: number): string {
  const days = stepS / DAY_S;
  if (days < 1) return stepS === 3600 ? 'an hour' : `${stepS / 3600} h`;
  return days === 1 ? 'a day' : days === 7 ? 'a week' : `${count(days)} days`;
}

const short = (value: number): string => (value >= 10_000 ? `${count(value / 1000)}k` : count(value));

interface DegreeChartProps {
  of: ApiInteractionSummary['from'];
  /** Which end of the edges these are; told apart where both ends are of one type. */
  way: 'from' | 'to';
  other: string;
  buckets: ApiInteractionSummary['fromDegrees'];
}

/** How many have how many edges. */
export function DegreeChart({ of, way, other, buckets }: DegreeChartProps) {
  const name = ({ least, most }: (typeof buckets)[number]) =>
    least === most ? String(least) : `${count(least)}–${count(most)}`;
  return (
    <Figure
      title={`Edges ${of.type === other ? way : 'of'} each ${of.type}`}
      quantity={`${plural(of.type)} with so many`}
      xLabel="edges"
      xBelow
      table={{
        head: ['edges', plural(of.type)],
        rows: buckets.map((bucket) => [name(bucket), count(bucket.nodes)]),
      }}
    >
      <BarChart
        label={`How many ${plural(of.type)} have how many edges ${of.type === other ? `${way} them` : `to a ${other}`}: ${count(of.median)} in the median`}
        height={HEIGHT}
        values={buckets.map(({ nodes }) => nodes)}
        yAxis
        yFormat={short}
        name={(i) => name(buckets[i]!)}
        marks={buckets.map(({ least }, i) => ({
          at: i + 0.5,
          text: least >= 1024 ? `${least / 1024}k` : String(least),
        }))}
      />
    </Figure>
  );
}

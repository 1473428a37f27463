import type { ApiRunComparison } from '../api/types.ts';
import { fixed, percent, signed } from '../format/format.ts';
import { type Column, DataTable } from '../table/DataTable.tsx';
import { digitsOf } from './digits.ts';
import { GapMark, reachOf } from './GapMark.tsx';
import { SideMark } from './SideMark.tsx';
import { type Gap, gapOf, intervalText, nominalOf, outcome } from './verdict.ts';

type Metric = ApiRunComparison['metrics'][number];

/** Left out where no interval is known. */
const INTERVAL: Column<Metric> = {
  id: 'interval',
  head: '95 % interval',
  numeric: true,
  className: 'secondary',
  value: (metric) =>
    metric.low === null || metric.high === null
      ? null
      : `${metric.low.toFixed(2)} to ${metric.high.toFixed(2)}`,
  cell: (metric) => intervalText({ value: 0, low: metric.low, high: metric.high }, digitsOf(metric.unit)),
};

/** Every figure of both with their paired difference. */
export function MetricsTable({ answer }: { answer: ApiRunComparison }) {
  const { a, b, metrics } = answer;
  const baseline = b.runId === null;
  const relative = (metric: Metric): Gap =>
    share(gapOf(metric), Math.max(Math.abs(metric.a), Math.abs(metric.b)));
  // A bias that halves is no gain of a half: the axis is that of the errors, others may go beyond it.
  const reach = reachOf(metrics.filter((metric) => metric.betterWhen === 'lower').map(relative));
  return (
    <DataTable
      label="Figures compared"
      title={
        <span className="note">
          {!baseline && `Paired by ${answer.speedsByHorizon ? 'observation' : 'trip'}. `}Differences are{' '}
          {a.name} minus {b.name}.
        </span>
      }
      className="compare-table"
      rows={metrics}
      rowKey={(metric) => metric.name}
      empty="The two have no figure in common."
      columns={[
        {
          id: 'name',
          head: 'Figure',
          value: (metric) => `${metric.name}, ${metric.unit}`,
          cell: (metric) => (
            <>
              {metric.name} <span className="note">{metric.unit}</span>
            </>
          ),
        },
        {
          id: 'a',
          head: a.name,
          headExtra: <SideMark side="a" />,
          numeric: true,
          value: (metric) => metric.a,
          cell: (metric) => <Better of={metric} side="a" />,
        },
        {
          id: 'b',
          head: b.name,
          headExtra: <SideMark side="b" baseline={baseline} />,
          numeric: true,
          value: (metric) => metric.b,
          cell: (metric) => <Better of={metric} side="b" />,
        },
        {
          id: 'difference',
          head: 'Difference',
          numeric: true,
          value: (metric) => metric.difference,
          cell: (metric) => <b>{differenceText(metric)}</b>,
        },
        ...(metrics.some((metric) => metric.low !== null) ? [INTERVAL] : []),
        {
          id: 'gap',
          head: `← ${a.name} better`,
          headExtra: <span className="note"> axis ±{percent(reach)}</span>,
          className: 'compare-gap',
          value: (metric) => relative(metric).value,
          cell: (metric) => (
            <GapMark
              gap={relative(metric)}
              found={outcome(gapOf(metric))}
              reach={reach}
              baseline={baseline}
            />
          ),
        },
      ]}
    />
  );
}

function Better({ of, side }: { of: Metric; side: 'a' | 'b' }) {
  const wins = outcome(gapOf(of)) === (side === 'a' ? 'better' : 'worse');
  const text = fixed(of[side], digitsOf(of.unit));
  return wins ? <b>{text}</b> : text;
}

function differenceText(metric: Metric): string {
  if (metric.betterWhen === 'lower') return signed(metric.difference, digitsOf(metric.unit));
  const { value } = gapOf(metric);
  return `${fixed(Math.abs(value))} ${value > 0 ? 'farther from' : 'nearer'} ${nominalOf(metric)}`;
}

const share = ({ value, low, high }: Gap, of: number): Gap => ({
  value: of > 0 ? value / of : 0,
  low: low === null || of === 0 ? null : low / of,
  high: high === null || of === 0 ? null : high / of,
});

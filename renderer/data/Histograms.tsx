import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { histogram, niceRange, quantile, ticks } from '../charts/scale.ts';
import { count, fixed } from '../format/format.ts';

const BINS = 32;

/** Durations and mean speeds of the rows read: a wrong unit shows at once. */
export function Histograms({ preview }: { preview: { durationsS: number[]; speedsKmh: number[] } }) {
  const durations = preview.durationsS.map((seconds) => seconds / 60);
  return (
    <div className="histograms">
      <Histogram title="Duration" values={durations} unit="min" />
      {preview.speedsKmh.length > 0 ? (
        <Histogram title="Implied mean speed" values={preview.speedsKmh} unit="km/h" />
      ) : (
        <p className="secondary">The implied speed shows once all fields have a column.</p>
      )}
    </div>
  );
}

/** How often which values stand in the rows read, up to the 98th percentile. */
export function Histogram({
  title,
  values,
  unit,
}: {
  title: string;
  values: readonly number[];
  unit: string;
}) {
  if (values.length === 0) return null;
  const [, high] = niceRange(0, Math.max(1, quantile(values, 0.98)), 6);
  const counts = histogram(values, 0, high, BINS);
  const edge = (bin: number) => (bin * high) / BINS;
  // Of narrow bins, one decimal would name several alike.
  const digits = high / BINS < 0.1 ? 2 : 1;
  const name = (bin: number) => `${fixed(edge(bin), digits)}–${fixed(edge(bin + 1), digits)} ${unit}`;
  return (
    <Figure
      title={title}
      quantity={`median ${fixed(quantile(values, 0.5))} ${unit}`}
      table={{ head: [unit, 'rows'], rows: counts.map((rows, bin) => [name(bin), count(rows)]) }}
    >
      <BarChart
        label={`${title} of the rows read, ${unit}`}
        height={96}
        values={counts}
        marks={ticks(0, high, 4).map((value) => ({
          at: (value / high) * BINS,
          text: value === 0 ? '0' : `${value} ${unit}`,
        }))}
        name={name}
        yFormat={count}
      />
    </Figure>
  );
}

import type { StoredRanking } from '../api/types.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { count } from '../format/format.ts';
import { DataTable } from '../table/DataTable.tsx';
import { bucketLabel, figureName, figureText, groupFigure, isWeak, lowerIsBetter } from './figures.ts';

/** For whom, and of what, the run does well or badly; one group alone says what the table of figures says. */
export function Groups({ ranking }: { ranking: StoredRanking }) {
  const { byActivity, byPopularity } = ranking;
  return (
    <>
      {byActivity.length > 1 && (
        <section className="judge-half">
          <Group
            title="By activity of users"
            x="items known of a user"
            who="users"
            buckets={byActivity}
            ranking={ranking}
          />
        </section>
      )}
      {byPopularity.length > 1 && (
        <section className="judge-half">
          <Group
            title="By popularity of items"
            x="users who took an item"
            who="to be found"
            buckets={byPopularity}
            ranking={ranking}
          />
        </section>
      )}
    </>
  );
}

interface GroupProps {
  title: string;
  x: string;
  who: string;
  buckets: StoredRanking['byActivity'];
  ranking: StoredRanking;
}

function Group({ title, x, who, buckets, ranking }: GroupProps) {
  const figure = groupFigure(buckets, ranking.judgedBy);
  if (figure === null) return null;
  const all = ranking.figures[figure]?.value;
  const values = buckets.map((bucket) => bucket.figures[figure] ?? 0);
  const weak = buckets.filter((bucket) => isWeak(bucket, figure, all));
  const names = Object.keys(buckets[0]?.figures ?? {});
  return (
    <>
      <Figure
        title={title}
        quantity={figureName(figure)}
        xLabel={x}
        xBelow
        table={{
          head: [x, who, figureName(figure)],
          rows: buckets.map((bucket, i) => [
            bucketLabel(bucket),
            count(bucket.count),
            figureText(values[i]!),
          ]),
          exact: buckets.map((bucket, i) => [bucketLabel(bucket), bucket.count, values[i]!]),
        }}
      >
        <BarChart
          label={`${figureName(figure)} ${title.toLowerCase()}: ${buckets.map((bucket, i) => `${bucketLabel(bucket)} ${figureText(values[i]!)}`).join(', ')}`}
          height={160}
          values={values}
          least={1e-6}
          yAxis
          yFormat={(value) => String(Number(value.toPrecision(3)))}
          alarm={(i) => isWeak(buckets[i]!, figure, all)}
          name={(i) => bucketLabel(buckets[i]!)}
          marks={buckets.map((bucket, i) => ({ at: i + 0.5, text: bucketLabel(bucket) }))}
        />
      </Figure>
      {weak.length > 0 && all !== undefined && (
        <p className="judge-weak">
          Weak for{' '}
          {weak.map((bucket) => `${bucketLabel(bucket)} (${figureText(bucket.figures[figure]!)})`).join(', ')}
          : {lowerIsBetter(figure) ? 'over four thirds' : 'under three quarters'} of {figureText(all)}, the{' '}
          {figureName(figure)} of all.
        </p>
      )}
      {names.length > 1 && (
        <details>
          <summary>All figures of the groups</summary>
          <DataTable<StoredRanking['byActivity'][number]>
            label={`${title}, all figures`}
            className="tight"
            rows={buckets}
            rowKey={bucketLabel}
            columns={[
              { id: 'group', head: x, value: (bucket) => bucketLabel(bucket) },
              { id: 'count', head: who, numeric: true, value: (bucket) => bucket.count },
              ...names.map((name) => ({
                id: name,
                head: figureName(name),
                numeric: true,
                value: (bucket: (typeof buckets)[number]) => bucket.figures[name] ?? null,
                cell: (bucket: (typeof buckets)[number]) => figureText(bucket.figures[name] ?? Number.NaN),
              })),
            ]}
          />
        </details>
      )}
    </>
  );
}

import type { ApiRecommender, ApiRunInfo, StoredRanking } from '../api/types.ts';
import { type Column, DataTable } from '../table/DataTable.tsx';
import {
  baselineName,
  figureName,
  figureNames,
  figureText,
  gainText,
  type Lead,
  leadOver,
  strongest,
} from './figures.ts';

interface Row {
  name: string;
  own: number;
  low: number | null;
  high: number | null;
  /** By baseline. */
  others: Readonly<Record<string, number | undefined>>;
  lead: Lead | null;
}

interface FiguresTableProps {
  info: ApiRecommender;
  run: ApiRunInfo;
  ranking: StoredRanking;
}

/** Every figure of the run, of each baseline, and by how much it is ahead of the best of them. */
export function FiguresTable({ info, run, ranking }: FiguresTableProps) {
  const baselines = Object.keys(ranking.baselines);
  const columns: Column<Row>[] = [
    { id: 'name', head: 'Figure', value: (row) => row.name },
    {
      id: 'own',
      head: run.name,
      numeric: true,
      className: 'strong',
      value: (row) => row.own,
      cell: (row) => figureText(row.own),
    },
    {
      id: 'interval',
      head: '95 %',
      numeric: true,
      className: 'secondary',
      value: (row) => (row.low === null || row.high === null ? null : `${row.low} to ${row.high}`),
      cell: (row) =>
        row.low === null || row.high === null ? '—' : `${figureText(row.low)}–${figureText(row.high)}`,
    },
    ...baselines.map(
      (id): Column<Row> => ({
        id,
        head: baselineName(info, id),
        numeric: true,
        value: (row) => row.others[id] ?? null,
        cell: (row) => (row.others[id] === undefined ? '—' : figureText(row.others[id])),
      }),
    ),
    {
      id: 'lead',
      head: 'Ahead of the best',
      numeric: true,
      value: (row) => row.lead?.value ?? null,
      cell: ({ lead }) =>
        lead && (
          <span className={`lead ${lead.standing}`} title={baselineName(info, lead.baseline)}>
            {gainText(lead.value)}
          </span>
        ),
    },
    {
      id: 'leadInterval',
      head: 'its 95 %',
      numeric: true,
      className: 'secondary',
      value: ({ lead }) => (lead?.low == null ? null : `${lead.low} to ${lead.high}`),
      cell: ({ lead }) =>
        lead?.low == null || lead.high === null ? '—' : `${gainText(lead.low)} to ${gainText(lead.high)}`,
    },
  ];
  return (
    <>
      <DataTable
        label="Figures of the run and its baselines"
        title={<h2>All figures</h2>}
        className="tight"
        scrollIn="judge-figures"
        rows={rowsOf(ranking)}
        rowKey={({ name }) => name}
        columns={columns}
      />
      <p className="note">
        Bold: the interval of the difference does not hold zero. Coverage: share of the items that stand in
        anybody’s list. Gini: how unequally often they do.
      </p>
    </>
  );
}

function rowsOf(ranking: StoredRanking): Row[] {
  const figures = figureNames(ranking).map((figure): Row => {
    const { value, low, high } = ranking.figures[figure]!;
    const best = strongest(ranking, figure);
    return {
      name: figureName(figure),
      own: value,
      low,
      high,
      others: each(ranking, (baseline) => baseline.figures[figure]?.value),
      lead: best === null ? null : leadOver(ranking, best, figure),
    };
  });
  const ofLists = (['coverage', 'gini'] as const).flatMap((kind) =>
    Object.entries(ranking[kind]).map(
      ([at, value]): Row => ({
        name: `${kind === 'gini' ? 'Gini' : 'Coverage'}${at}`,
        own: value,
        low: null,
        high: null,
        others: each(ranking, (baseline) => baseline[kind][at]),
        lead: null,
      }),
    ),
  );
  return [...figures, ...ofLists];
}

const each = (
  { baselines }: StoredRanking,
  value: (baseline: StoredRanking['baselines'][string]) => number | undefined,
): Row['others'] =>
  Object.fromEntries(Object.entries(baselines).map(([id, baseline]) => [id, value(baseline)]));

import type { ApiRecommender, ApiRunInfo } from '../api/types.ts';
import { counted, duration } from '../format/format.ts';
import { runsOf, shownRun, useRecommend, useSystem } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { DataTable } from '../table/DataTable.tsx';
import { configOf } from '../train/figures.ts';
import { figureName, figureText, leadOver, strongest } from './figures.ts';

/** Every run of the recommender, newest first. */
export function RunList({ info }: { info: ApiRecommender }) {
  const all = useRuns((state) => state.runs);
  const { runId } = useSystem(info.id);
  const runs = runsOf(all, info.id).toReversed();
  const shown = shownRun(all, info.id, runId);
  const judgedBy = runs.find((run) => run.ranking)?.ranking?.judgedBy;
  const figureOf = ({ ranking }: ApiRunInfo) =>
    judgedBy === undefined ? null : (ranking?.figures[judgedBy]?.value ?? null);
  return (
    <div className="runs-box">
      <DataTable
        label={`Runs of ${info.id}`}
        title={
          <h2>
            Runs <span className="secondary">{runs.length}</span>
          </h2>
        }
        className="runs-table"
        rows={runs}
        rowKey={(run) => run.id}
        rowProps={(run) => ({
          className: 'runs-row',
          'aria-selected': run.id === shown?.id,
          onClick: () => useRecommend.getState().showRun(info.id, run.id),
        })}
        empty="Runs stand here once they are trained, beside the best baseline once they are judged."
        columns={[
          {
            id: 'name',
            head: 'Name',
            value: (run) => run.name,
            cell: (run) => (
              <>
                <button type="button" className="runs-name" aria-pressed={run.id === shown?.id}>
                  {run.name}
                </button>{' '}
                {run.status !== 'finished' && (
                  <span className={run.status === 'failed' ? 'tag error' : 'tag'}>{run.status}</span>
                )}
                <span className="runs-sub">{subtitle(run)}</span>
              </>
            ),
          },
          {
            id: 'figure',
            head: judgedBy === undefined ? 'Figure' : figureName(judgedBy),
            numeric: true,
            value: figureOf,
            cell: (run) => {
              const value = figureOf(run);
              return value === null ? <span className="note">not judged</span> : <b>{figureText(value)}</b>;
            },
          },
          {
            id: 'best',
            head: 'Best baseline',
            numeric: true,
            value: (run) => bestOf(run, judgedBy),
            cell: (run) => <Against run={run} judgedBy={judgedBy} />,
          },
          {
            id: 'seconds',
            head: 'Trained in',
            numeric: true,
            className: 'secondary',
            value: (run) => run.seconds,
            cell: (run) => (run.seconds > 0 ? duration(run.seconds) : '—'),
          },
        ]}
      />
    </div>
  );
}

function subtitle(run: ApiRunInfo): string {
  const { seed, settings } = configOf(run);
  const { interactions } = run.config as { interactions?: { data: string; edges: string } };
  return [
    interactions && `${interactions.data} · ${interactions.edges}`,
    settings?.epochs !== undefined && counted(Number(settings.epochs), 'epoch'),
    seed !== undefined && `seed ${seed}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

function bestOf({ ranking }: ApiRunInfo, figure: string | undefined): number | null {
  if (!ranking || figure === undefined) return null;
  const best = strongest(ranking, figure);
  return best === null ? null : (ranking.baselines[best]?.figures[figure]?.value ?? null);
}

function Against({ run, judgedBy }: { run: ApiRunInfo; judgedBy: string | undefined }) {
  const value = bestOf(run, judgedBy);
  if (value === null || !run.ranking || judgedBy === undefined) return '—';
  const lead = leadOver(run.ranking, strongest(run.ranking, judgedBy)!, judgedBy);
  return (
    <>
      {figureText(value)} <span className={`lead ${lead?.standing ?? 'unclear'}`}>{lead?.standing}</span>
    </>
  );
}

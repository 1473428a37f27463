import { TriangleAlert } from 'lucide-react';
import type { ApiRunInfo, EtaEvaluation, EtaMetrics } from '../api/types.ts';
import { linear } from '../charts/scale.ts';
import { count, day as dayLabel, duration, fixed, percent } from '../format/format.ts';
import { jobOfRun, useJobs } from '../stores/jobs.ts';
import { useMap } from '../stores/map.ts';
import { trafficRuns, useRuns } from '../stores/runs.ts';
import { type Column, DataTable } from '../table/DataTable.tsx';
import {
  type BaselineRow,
  baselineRows,
  configOf,
  errorDomain,
  newestEvaluation,
  samePeriod,
} from './figures.ts';

const PLOT_PX = 96;
const NONE = '—';

/** A row of the table: a baseline of the newest evaluation, or a run. */
type Row = { kind: 'baseline'; baseline: BaselineRow } | { kind: 'run'; run: ApiRunInfo };

const maeOf = (run: ApiRunInfo) => run.evaluation?.metrics.maeS ?? run.validation?.maeS ?? null;
const metricsOf = (row: Row): EtaMetrics | null =>
  row.kind === 'baseline' ? row.baseline.metrics : (row.run.evaluation?.metrics ?? null);
const isFailed = (row: Row) => row.kind === 'run' && row.run.status === 'failed';

export function RunsTable() {
  const { shown, show } = useRuns();
  const runs = trafficRuns(useRuns((state) => state.runs));
  const evaluation = newestEvaluation(runs);
  const baselines = baselineRows(evaluation);
  const domain = errorDomain(
    runs.map((run) => maeOf(run) ?? Number.NaN).filter(Number.isFinite),
    baselines.map((row) => row.metrics.maeS),
  );
  const plot: Plot | null = domain && { domain, best: baselines.at(-1)?.metrics.maeS ?? null };
  const rows: Row[] = [
    ...baselines.map((baseline): Row => ({ kind: 'baseline', baseline })),
    ...runs.toReversed().map((run): Row => ({ kind: 'run', run })),
  ];
  return (
    <>
      <div className="runs-box">
        <DataTable
          label="Runs"
          title={
            <h2>
              Runs <span className="secondary">{runs.length}</span>
            </h2>
          }
          className="runs-table"
          rows={rows}
          rowKey={(row) => (row.kind === 'baseline' ? row.baseline.id : row.run.id)}
          rowProps={(row) =>
            row.kind === 'baseline'
              ? {}
              : isFailed(row)
                ? { className: 'runs-failed' }
                : {
                    className: 'runs-row',
                    'aria-selected': shown === row.run.id,
                    onClick: () => show(row.run.id),
                  }
          }
          across={(row) => row.kind === 'run' && isFailed(row) && <FailedRun run={row.run} />}
          groups={{
            of: (row) => row.kind,
            heads: [
              {
                id: 'baseline',
                head: (
                  <>
                    <b>Baselines</b>{' '}
                    <span className="note">
                      fitted to the same training trips, judged on the same test trips
                    </span>
                  </>
                ),
              },
              {
                id: 'run',
                head: (
                  <>
                    <b>Graph models</b> <span className="note">newest first</span>
                  </>
                ),
                empty: 'Runs stand here beside the baselines once they are trained.',
              },
            ],
          }}
          columns={columnsOf(plot, evaluation)}
        />
      </div>
      {evaluation && <Footnote evaluation={evaluation} />}
    </>
  );
}

interface Plot {
  domain: readonly [number, number];
  best: number | null;
}

function columnsOf(plot: Plot | null, newest: EtaEvaluation | null): Column<Row>[] {
  const mae = (row: Row) => (row.kind === 'baseline' ? row.baseline.metrics.maeS : maeOf(row.run));
  return [
    {
      id: 'name',
      head: 'Name',
      value: (row) => (row.kind === 'baseline' ? row.baseline.name : row.run.name),
      cell: (row) =>
        row.kind === 'baseline' ? (
          <>
            <span className="strong">{row.baseline.name}</span>
            <span className="runs-sub">{row.baseline.how}</span>
          </>
        ) : (
          <RunName run={row.run} newest={newest} />
        ),
    },
    {
      id: 'plot',
      head: 'MAE on one axis',
      headExtra: plot && <span className="runs-scale">{`${plot.domain[0]}–${plot.domain[1]} s`}</span>,
      className: 'runs-plot',
      value: mae,
      cell: (row) => plot && mae(row) !== null && <RowDot row={row} plot={plot} value={mae(row)!} />,
    },
    {
      id: 'mae',
      head: 'MAE, s',
      numeric: true,
      value: mae,
      cell: (row) => {
        if (row.kind === 'run' && row.run.speeds) return <SpeedError speeds={row.run.speeds} />;
        const value = mae(row);
        if (value === null) return NONE;
        return (
          <>
            <b>{fixed(value)}</b> {!metricsOf(row) && <span className="note">valid.</span>}
          </>
        );
      },
    },
    {
      id: 'mape',
      head: 'MAPE',
      numeric: true,
      value: (row) =>
        metricsOf(row)?.mape ?? (row.kind === 'run' ? (row.run.validation?.mape ?? null) : null),
      cell: (row) => {
        const mape = metricsOf(row)?.mape ?? (row.kind === 'run' ? row.run.validation?.mape : undefined);
        return mape === undefined ? NONE : percent(mape, 1);
      },
    },
    {
      id: 'bad',
      head: 'Bad ETAs',
      numeric: true,
      value: (row) => metricsOf(row)?.badShare ?? null,
      cell: (row) => {
        const metrics = metricsOf(row);
        return metrics ? percent(metrics.badShare, 1) : NONE;
      },
    },
    {
      id: 'covers',
      head: '80 % covers',
      numeric: true,
      className: 'runs-low',
      value: (row) => metricsOf(row)?.coverage80 ?? null,
      cell: (row) => {
        const coverage = metricsOf(row)?.coverage80 ?? null;
        return coverage === null ? NONE : percent(coverage, 1);
      },
    },
    {
      id: 'seconds',
      head: 'Trained in',
      numeric: true,
      className: 'runs-low secondary',
      value: (row) => (row.kind === 'run' ? row.run.seconds : null),
      cell: (row) => (row.kind === 'run' ? <TrainedIn run={row.run} /> : NONE),
    },
  ];
}

function RunName({ run, newest }: { run: ApiRunInfo; newest: EtaEvaluation | null }) {
  const shown = useRuns((state) => state.shown === run.id);
  const onMap = useMap((state) => state.runId === run.id);
  const { seed, settings } = configOf(run);
  const other = run.evaluation && newest && !samePeriod(run.evaluation, newest);
  const sub = [
    settings?.hidden !== undefined && `width ${String(settings.hidden)}`,
    seed !== undefined && `seed ${seed}`,
    other && `tested from ${run.evaluation?.from ? dayLabel(run.evaluation.from) : 'the first day'}`,
  ];
  return (
    <>
      <button type="button" className="runs-name" aria-pressed={shown}>
        {run.name}
      </button>{' '}
      {run.status === 'running' && (
        <span className="tag">{run.validation ? `epoch ${run.validation.epoch}` : 'training'}</span>
      )}
      {run.status === 'interrupted' && <span className="tag warning">interrupted</span>}
      {onMap && <span className="tag quiet">on map</span>}
      <span className="runs-sub">{sub.filter(Boolean).join(' · ')}</span>
    </>
  );
}

function RowDot({ row, plot, value }: { row: Row; plot: Plot; value: number }) {
  const shown = useRuns((state) => row.kind === 'run' && state.shown === row.run.id);
  const color = row.kind === 'baseline' ? 'var(--baseline)' : shown ? 'var(--run-1)' : 'var(--text-2)';
  return <ErrorDot plot={plot} value={value} color={color} hollow={!metricsOf(row)} />;
}

/** Of speeds, in a unit of their own; at the last horizon, the hardest. */
function SpeedError({ speeds }: { speeds: NonNullable<ApiRunInfo['speeds']> }) {
  const last = speeds.evaluation?.horizons.at(-1);
  const value = last?.metrics.maeKmh ?? speeds.validation?.maeKmh;
  if (value === undefined) return NONE;
  return (
    <>
      <b>{fixed(value, 2)}</b> <span className="note">km/h</span>
      <span className="runs-sub">{last ? `at ${last.minutes} min` : 'valid.'}</span>
    </>
  );
}

function TrainedIn({ run }: { run: ApiRunInfo }) {
  const job = useJobs((state) => jobOfRun(state.jobs, run.id));
  if (job?.secondsLeft != null) return <b className="runs-left">{duration(job.secondsLeft)} left</b>;
  return duration(run.seconds);
}

/** A failed run keeps its row, with what to do. */
function FailedRun({ run }: { run: ApiRunInfo }) {
  const { show, openForm } = useRuns();
  return (
    <div className="row">
      <TriangleAlert size={15} aria-hidden />
      <div className="grow">
        <button type="button" className="runs-name" onClick={() => show(run.id)}>
          {run.name}
        </button>
        <p>
          {run.error?.message ?? 'The run failed.'} {run.error?.remedy}
        </p>
      </div>
      <button type="button" className="button small" onClick={() => openForm(true)}>
        New run
      </button>
    </div>
  );
}

/** One error on the common axis; the dashed tick is the best baseline, an arrow lies beyond the axis. */
function ErrorDot({
  plot,
  value,
  color,
  hollow = false,
}: {
  plot: Plot;
  value: number;
  color: string;
  hollow?: boolean;
}) {
  const x = linear(plot.domain, [4, PLOT_PX - 6]);
  const beyond = value > plot.domain[1];
  return (
    <svg width={PLOT_PX} height={20} aria-hidden className="error-dot">
      <line x1={0} x2={PLOT_PX} y1={10} y2={10} />
      {plot.best !== null && <line className="best" x1={x(plot.best)} x2={x(plot.best)} y1={2} y2={18} />}
      {beyond ? (
        <path d={`M${PLOT_PX - 8} 6l7 4l-7 4z`} fill={color} />
      ) : (
        <circle
          cx={x(value)}
          cy={10}
          r={hollow ? 3.2 : 3.8}
          fill={hollow ? 'var(--panel)' : color}
          stroke={color}
          strokeWidth={hollow ? 2 : 0}
        />
      )}
    </svg>
  );
}

function Footnote({ evaluation }: { evaluation: EtaEvaluation }) {
  const from = evaluation.from ? `from ${dayLabel(evaluation.from)}` : 'of all days';
  const until = evaluation.until ? ` to before ${dayLabel(evaluation.until)}` : '';
  return (
    <p className="note runs-note">
      Test {from}
      {until}: {count(evaluation.metrics.n)} trips not used in training. MAE: mean absolute error of trip
      time. Bad ETAs: off by more than 60 s and 20 %. Dashed tick: best baseline. Hollow dot and valid.:
      validation only.
    </p>
  );
}

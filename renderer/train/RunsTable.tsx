import { TriangleAlert } from 'lucide-react';
import type { ApiRunInfo, EtaEvaluation, EtaMetrics } from '../api/types.ts';
import { linear } from '../charts/scale.ts';
import { count, day as dayLabel, duration, fixed, percent } from '../format/format.ts';
import { jobOfRun, useJobs } from '../stores/jobs.ts';
import { useMap } from '../stores/map.ts';
import { useRuns } from '../stores/runs.ts';
import {
  type BaselineRow,
  baselineRows,
  configOf,
  errorDomain,
  newestEvaluation,
  samePeriod,
} from './figures.ts';

const PLOT_PX = 96;
const COLUMNS = 7;
const NONE = '—';

export function RunsTable() {
  const { runs } = useRuns();
  const evaluation = newestEvaluation(runs);
  const baselines = baselineRows(evaluation);
  const shownMae = (run: ApiRunInfo) => run.evaluation?.metrics.maeS ?? run.validation?.maeS ?? Number.NaN;
  const domain = errorDomain(
    runs.map(shownMae).filter(Number.isFinite),
    baselines.map((row) => row.metrics.maeS),
  );
  const best = baselines.at(-1)?.metrics.maeS ?? null;
  const plot: Plot | null = domain && { domain, best };
  return (
    <>
      <header className="spread runs-head">
        <h2>
          Runs <span className="secondary">{runs.length}</span>
        </h2>
      </header>
      <table className="grid runs-table" aria-label="Runs">
        <thead>
          <tr>
            <th>Name</th>
            <th className="runs-plot">
              MAE, s{domain && <span className="runs-scale">{`${domain[0]}–${domain[1]}`}</span>}
            </th>
            <th className="num">MAE, s</th>
            <th className="num">MAPE</th>
            <th className="num">Bad ETAs</th>
            <th className="num runs-low">80 % covers</th>
            <th className="num runs-low">Trained in</th>
          </tr>
        </thead>
        <tbody>
          {baselines.length > 0 && (
            <tr className="runs-group">
              <td colSpan={COLUMNS}>
                <b>Baselines</b>{' '}
                <span className="note">fitted to the same training trips, judged on the same test trips</span>
              </td>
            </tr>
          )}
          {baselines.map((row) => (
            <Baseline key={row.id} row={row} plot={plot} />
          ))}
          <tr className="runs-group">
            <td colSpan={COLUMNS}>
              <b>Graph models</b> <span className="note">newest first</span>
            </td>
          </tr>
          {runs.length === 0 && (
            <tr>
              <td colSpan={COLUMNS} className="secondary">
                Runs stand here beside the baselines once they are trained.
              </td>
            </tr>
          )}
          {runs
            .toReversed()
            .map((run) =>
              run.status === 'failed' ? (
                <FailedRun key={run.id} run={run} />
              ) : (
                <Run key={run.id} run={run} plot={plot} newest={evaluation} />
              ),
            )}
        </tbody>
      </table>
      {evaluation && <Footnote evaluation={evaluation} />}
    </>
  );
}

interface Plot {
  domain: readonly [number, number];
  best: number | null;
}

function Baseline({ row, plot }: { row: BaselineRow; plot: Plot | null }) {
  return (
    <tr>
      <td>
        <span className="strong">{row.name}</span>
        <span className="runs-sub">{row.how}</span>
      </td>
      <td className="runs-plot">
        {plot && <ErrorDot plot={plot} value={row.metrics.maeS} color="var(--baseline)" />}
      </td>
      <Figures metrics={row.metrics} />
      <td className="num runs-low secondary">{NONE}</td>
    </tr>
  );
}

function Run({ run, plot, newest }: { run: ApiRunInfo; plot: Plot | null; newest: EtaEvaluation | null }) {
  const { shown, show } = useRuns();
  const onMap = useMap((state) => state.runId === run.id);
  const job = useJobs((state) => jobOfRun(state.jobs, run.id));
  const { seed, settings } = configOf(run);
  const mae = run.evaluation?.metrics.maeS ?? run.validation?.maeS;
  const other = run.evaluation && newest && !samePeriod(run.evaluation, newest);
  const sub = [
    settings?.hidden !== undefined && `width ${String(settings.hidden)}`,
    seed !== undefined && `seed ${seed}`,
  ];
  return (
    <tr aria-selected={shown === run.id} onClick={() => show(run.id)} className="runs-row">
      <td>
        <button type="button" className="runs-name" aria-pressed={shown === run.id}>
          {run.name}
        </button>{' '}
        {run.status === 'running' && (
          <span className="tag">{run.validation ? `epoch ${run.validation.epoch}` : 'training'}</span>
        )}
        {run.status === 'interrupted' && <span className="tag warning">interrupted</span>}
        {onMap && <span className="tag quiet">on map</span>}
        <span className="runs-sub">
          {sub.filter(Boolean).join(' · ')}
          {other &&
            ` · tested from ${run.evaluation?.from ? dayLabel(run.evaluation.from) : 'the first day'}`}
        </span>
      </td>
      <td className="runs-plot">
        {plot && mae !== undefined && (
          <ErrorDot
            plot={plot}
            value={mae}
            color={shown === run.id ? 'var(--run-1)' : 'var(--text-2)'}
            hollow={!run.evaluation}
          />
        )}
      </td>
      {run.evaluation ? (
        <Figures metrics={run.evaluation.metrics} />
      ) : run.validation ? (
        <>
          <td className="num">
            <b>{fixed(run.validation.maeS)}</b> <span className="note">valid.</span>
          </td>
          <td className="num secondary">{percent(run.validation.mape, 1)}</td>
          <td className="num secondary">{NONE}</td>
          <td className="num secondary runs-low">{NONE}</td>
        </>
      ) : (
        [1, 2, 3]
          .map((column) => (
            <td key={column} className="num secondary">
              {NONE}
            </td>
          ))
          .concat(
            <td key="covers" className="num secondary runs-low">
              {NONE}
            </td>,
          )
      )}
      <td className="num runs-low secondary">
        {job?.secondsLeft != null ? (
          <b className="runs-left">{duration(job.secondsLeft)} left</b>
        ) : (
          duration(run.seconds)
        )}
      </td>
    </tr>
  );
}

function Figures({ metrics }: { metrics: EtaMetrics }) {
  return (
    <>
      <td className="num strong">{fixed(metrics.maeS)}</td>
      <td className="num">{percent(metrics.mape, 1)}</td>
      <td className="num">{percent(metrics.badShare, 1)}</td>
      <td className="num runs-low">{metrics.coverage80 === null ? NONE : percent(metrics.coverage80, 1)}</td>
    </>
  );
}

/** A failed run keeps its row, with what to do. */
function FailedRun({ run }: { run: ApiRunInfo }) {
  const { show, openForm } = useRuns();
  return (
    <tr className="runs-failed">
      <td colSpan={COLUMNS}>
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
      </td>
    </tr>
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

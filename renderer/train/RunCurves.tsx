import { useEffect, useMemo, useState } from 'react';
import type { ApiJobState, ApiMetricPoint, ApiRunInfo } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type Series, type XY } from '../charts/LineChart.tsx';
import { ticks } from '../charts/scale.ts';
import { fixed } from '../format/format.ts';
import { jobOfRun, useJobs } from '../stores/jobs.ts';
import { followMetrics, useRuns } from '../stores/runs.ts';
import { BASELINES, configOf, curve, lowest, newestEvaluation, plannedEpochs } from './figures.ts';
import { LearnedCurves } from './LearnedCurves.tsx';

/** Free flow is off by so much that it says nothing here. */
const SHOWN_BASELINES = ['historical', 'live', 'ridge', 'segmentModel'];
/** A reference further above the best error than this would flatten the curve: it stands at the top with an arrow. */
const FAR = 1.4;
const WANTED_COVERAGE = 80;

export function RunCurves({ run }: { run: ApiRunInfo }) {
  const points = useFollowedPoints(run);
  const running = run.status === 'running';
  const mae = useMemo(() => curve(points, 'valMae'), [points]);
  const total = useJobs((state) => epochsOf(jobOfRun(state.jobs, run.id)));
  const epochs = Math.max(plannedEpochs(run) ?? total, ...mae.map(([epoch]) => epoch), 1);
  if (mae.length === 0)
    return (
      <section>
        <h3>Validation error</h3>
        <p className="secondary">{running ? 'The first epoch is not over yet.' : 'No epoch was finished.'}</p>
      </section>
    );
  return (
    <>
      <section>
        <ValidationError run={run} mae={mae} epochs={epochs} />
      </section>
      <section className="curve-pair">
        <Loss points={points} epochs={epochs} />
        <Coverage points={points} epochs={epochs} />
      </section>
      <LearnedCurves run={run} points={points} epochs={epochs} epochTicks={wholeEpochs(epochs)} />
    </>
  );
}

/** The run's figures by epoch, as they come. */
export function useFollowedPoints(run: ApiRunInfo): ApiMetricPoint[] | undefined {
  const running = run.status === 'running';
  // biome-ignore lint/correctness/useExhaustiveDependencies: a run that goes on again is followed again
  useEffect(() => {
    const stop = new AbortController();
    void followMetrics(run.id, stop.signal);
    return () => stop.abort();
  }, [run.id, running]);
  return useRuns((state) => state.points[run.id]);
}

export const wholeEpochs = (epochs: number): number[] => ticks(0, epochs, 6).filter(Number.isInteger);

const epochsOf = (job: ApiJobState | undefined): number =>
  job?.progress?.unit === 'epochs' ? (job.progress.total ?? 0) : 0;

function ValidationError({ run, mae, epochs }: { run: ApiRunInfo; mae: XY[]; epochs: number }) {
  const runs = useRuns((state) => state.runs);
  const points = useRuns((state) => state.points[run.id]);
  const [hover, setHover] = useState<number | null>(null);
  const best = lowest(mae)!;
  const now = mae.at(-1)!;
  const rules = referenceLines(run, runs, points).map((rule) =>
    rule.y > FAR * best[1] ? { ...rule, y: FAR * best[1], label: `↑ ${rule.label}` } : rule,
  );
  const top = Math.max(...rules.map((rule) => rule.y), best[1]) * 1.05;
  const low = Math.min(...rules.map((rule) => rule.y), best[1]);
  const at = hover === null ? null : mae.find(([epoch]) => epoch === Math.round(hover));
  return (
    <Figure
      title="Validation error"
      quantity="MAE of trip time, seconds"
      table={{ head: ['epoch', 'MAE, s'], rows: mae.map(([epoch, value]) => [String(epoch), fixed(value)]) }}
    >
      <LineChart
        label={`Validation error by epoch: best ${fixed(best[1])} s at epoch ${best[0]}`}
        height={250}
        rightPx={136}
        xDomain={[0, epochs]}
        yDomain={[low - (top - low) * 0.22, Math.max(top, Math.min(mae[0]![1], top * 1.1))]}
        yTickCount={5}
        xTicks={wholeEpochs(epochs)}
        xFormat={String}
        yFormat={(value) => fixed(value, 0)}
        xUnit="epoch"
        bottomPx={34}
        rules={rules}
        series={[{ name: run.name, points: mae, color: 'var(--run-3)', width: 2 }]}
        cursor={
          at
            ? {
                x: at[0],
                label: `${fixed(at[1])} s at ${at[0]}`,
                points: [{ y: at[1], color: 'var(--run-3)' }],
              }
            : run.status === 'running'
              ? { x: now[0], label: 'now' }
              : null
        }
        onHover={setHover}
      >
        {(x, y) => (
          <g className="best-mark">
            <circle cx={x(best[0])} cy={y(best[1])} r={4} />
            <text
              x={x(best[0])}
              y={y(best[1]) + 22}
              textAnchor={best[0] < epochs * 0.15 ? 'start' : best[0] > epochs * 0.85 ? 'end' : 'middle'}
            >
              best {fixed(best[1])} at {best[0]}
            </text>
          </g>
        )}
      </LineChart>
    </Figure>
  );
}

/** Baselines on the validation days where the run knows them, else on the test days, and the best other run. */
function referenceLines(run: ApiRunInfo, runs: ApiRunInfo[], points: Parameters<typeof curve>[0]) {
  const lines: { y: number; label: string; color?: string }[] = [];
  const tested = run.evaluation ?? newestEvaluation(runs);
  for (const id of SHOWN_BASELINES) {
    const name = BASELINES[id]!.short;
    const onValidation = curve(points, `baseline.${id}.valMae`).at(-1)?.[1];
    const onTest = tested?.baselines[id]?.maeS;
    if (onValidation !== undefined)
      lines.push({ y: onValidation, label: `${name} ${fixed(onValidation, 0)}` });
    else if (onTest !== undefined) lines.push({ y: onTest, label: `${name} ${fixed(onTest, 0)}, test` });
  }
  const others = runs.filter(
    (other) => other.id !== run.id && other.validation && configOf(other).until === configOf(run).until,
  );
  const best = others.sort((a, b) => a.validation!.maeS - b.validation!.maeS)[0];
  if (best)
    lines.push({
      y: best.validation!.maeS,
      label: `${best.name} ${fixed(best.validation!.maeS)}`,
      color: 'var(--run-1)',
    });
  return lines;
}

export function Loss({ points, epochs }: { points: Parameters<typeof curve>[0]; epochs: number }) {
  const training = curve(points, 'loss');
  const onAllDays = curve(points, 'refit.loss');
  const series: Series[] = [
    {
      name: 'training',
      points: training,
      color: 'var(--text-3)',
      dash: '3 2.5',
      width: 1.5,
      endLabel: 'training',
    },
    ...(onAllDays.length > 0
      ? [{ name: 'on all days', points: onAllDays, color: 'var(--run-3)', endLabel: 'all days' }]
      : []),
  ];
  return (
    <Figure
      title="Loss"
      quantity="weighted sum, scaled"
      table={{
        head: ['epoch', 'training', ...(onAllDays.length > 0 ? ['on all days'] : [])],
        rows: training.map(([epoch, value], i) => [
          String(epoch),
          fixed(value, 4),
          ...(onAllDays.length > 0 ? [onAllDays[i] ? fixed(onAllDays[i][1], 4) : '–'] : []),
        ]),
      }}
    >
      <LineChart
        label="Loss by epoch"
        height={124}
        rightPx={62}
        xDomain={[0, epochs]}
        yTickCount={3}
        xTicks={wholeEpochs(epochs)}
        xFormat={String}
        yFormat={(value) => String(Number(value.toPrecision(3))).replace('-', '−')}
        series={series}
      />
    </Figure>
  );
}

function Coverage({ points, epochs }: { points: Parameters<typeof curve>[0]; epochs: number }) {
  const coverage = curve(points, 'valCoverage80').map(([epoch, share]): XY => [epoch, share * 100]);
  const low = Math.min(60, ...coverage.map(([, value]) => Math.floor(value / 10) * 10));
  const last = coverage.at(-1)?.[1];
  return (
    <Figure
      title="80 % band covers"
      quantity="% of trips"
      table={{ head: ['epoch', '%'], rows: coverage.map(([epoch, value]) => [String(epoch), fixed(value)]) }}
    >
      <LineChart
        label="Share of validation trips inside the 80 % band by epoch"
        height={124}
        rightPx={40}
        xDomain={[0, epochs]}
        yDomain={[low, 100]}
        yTickCount={3}
        xTicks={wholeEpochs(epochs)}
        xFormat={String}
        yFormat={(value) => fixed(value, 0)}
        rules={[{ y: WANTED_COVERAGE, label: '' }]}
        series={[
          {
            name: 'covered',
            points: coverage,
            color: 'var(--run-3)',
            ...(last !== undefined && { endLabel: fixed(last) }),
          },
        ]}
      />
    </Figure>
  );
}

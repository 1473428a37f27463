import { FileOutput, Gauge, Map as MapIcon, Play, Square, TableProperties, Trash2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { ApiJobState, ApiRunInfo } from '../api/types.ts';
import { pickPath } from '../files/dialogs.ts';
import { day, duration, machineClock } from '../format/format.ts';
import { AskRemove } from '../shell/AskRemove.tsx';
import { Bar } from '../shell/Bar.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { StageLine } from '../shell/StageLine.tsx';
import { jobOfRun, jobShare, useJobs } from '../stores/jobs.ts';
import { useMap } from '../stores/map.ts';
import { type ModelId, useRuns } from '../stores/runs.ts';
import { useShell } from '../stores/shell.ts';
import { DataTable } from '../table/DataTable.tsx';
import { ExportResult, SpeedsResult } from './ExportResult.tsx';
import { ExportSpeeds } from './ExportSpeeds.tsx';
import { configOf, plannedEpochs } from './figures.ts';
import { RunCurves } from './RunCurves.tsx';
import { RunEvaluation } from './RunEvaluation.tsx';
import { SpeedRun } from './SpeedRun.tsx';

export const RUN_STATUS: Record<ApiRunInfo['status'], { label: string; tone: string }> = {
  running: { label: 'Training', tone: '' },
  interrupted: { label: 'Interrupted', tone: 'warning' },
  finished: { label: 'Finished', tone: 'quiet' },
  failed: { label: 'Failed', tone: 'error' },
};

export function RunCard({ run }: { run: ApiRunInfo }) {
  const job = useJobs((state) => jobOfRun(state.jobs, run.id));
  const { label, tone } = RUN_STATUS[run.status];
  const { seed, until } = configOf(run);
  const [exporting, setExporting] = useState(false);
  return (
    <>
      <section className="run-head">
        <div className="row">
          <RunName run={run} />
          <span className={`tag ${tone}`}>{label}</span>
          <RunActions run={run} job={job}>
            <TrainedActions run={run} exportSpeeds={() => setExporting(!exporting)} />
          </RunActions>
        </div>
        {job?.kind === 'train' && <TrainingProgress job={job} run={run} />}
        <p className="secondary">
          {[
            job?.kind !== 'train' && run.seconds > 0 && `trained in ${duration(run.seconds)}`,
            run.device,
            seed !== undefined && `seed ${seed}`,
            until && `tested from ${day(until)}`,
            run.validation &&
              `best validation error ${run.validation.maeS.toFixed(1)} s, epoch ${run.validation.epoch}`,
            run.speeds?.validation &&
              `best validation error ${run.speeds.validation.maeKmh.toFixed(2)} km/h, epoch ${run.speeds.validation.epoch}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
        {job && job.kind !== 'train' && (
          <>
            <Bar share={jobShare(job)} label={job.title} />
            <StageLine {...job} />
          </>
        )}
        {run.error && <ProblemNote problem={run.error} />}
        {exporting && <ExportSpeeds key={run.id} run={run} close={() => setExporting(false)} />}
        <ExportResult runId={run.id} />
        <SpeedsResult runId={run.id} />
      </section>
      {run.speeds ? <SpeedRun run={run} speeds={run.speeds} /> : <RunCurves run={run} />}
      {run.evaluation && <RunEvaluation evaluation={run.evaluation} />}
      <RunSettings run={run} />
    </>
  );
}

/** The name is a field: Enter or leaving it keeps what was typed. */
export function RunName({ run }: { run: ApiRunInfo }) {
  const [text, setText] = useState(run.name);
  const commit = () => {
    const name = text.trim();
    if (name && name !== run.name) void useRuns.getState().rename(run.id, name);
    else setText(run.name);
  };
  return (
    <input
      className="run-name"
      aria-label="Run name"
      value={text}
      size={Math.max(5, text.length)}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}

export function TrainingProgress({ job, run }: { job: ApiJobState; run: ApiRunInfo }) {
  const { progress, secondsLeft } = job;
  const epochs = plannedEpochs(run) ?? progress?.total;
  const inEpochs = progress?.unit === 'epochs';
  return (
    <div className="run-progress">
      <Bar share={jobShare(job)} label={`Training ${run.name}`} />
      <p className="spread">
        <span>
          <b>
            {inEpochs
              ? `Epoch ${Math.min(progress.done + 1, epochs ?? Infinity)} of ${epochs}`
              : (progress?.stage ?? 'Starting')}
          </b>
          {inEpochs && progress.done > 0 && (
            <span className="secondary"> · {duration(job.elapsedS / progress.done)} each</span>
          )}
        </span>
        <span>
          {secondsLeft === null ? (
            <span className="secondary">{duration(job.elapsedS)} so far</span>
          ) : (
            <>
              <b>{duration(secondsLeft)} left</b>
              <span className="secondary">, about {machineClock(secondsLeft)} · may end earlier</span>
            </>
          )}
        </span>
      </p>
    </div>
  );
}

interface RunActionsProps {
  run: ApiRunInfo;
  job: ApiJobState | undefined;
  /** What can be done with it once it is trained. */
  children: ReactNode;
}

/** Ends a run's training or goes on with it, and deletes it. */
export function RunActions({ run, job, children }: RunActionsProps) {
  const [asking, setAsking] = useState(false);
  const runs = useRuns.getState();
  return (
    <span className="row run-actions">
      {job?.kind === 'train' && (
        <>
          <button type="button" className="button" onClick={() => void runs.stop(run.id)}>
            <Square size={12} aria-hidden /> Stop, keep best
          </button>
          <button type="button" className="button" onClick={() => void useJobs.getState().cancel(job.id)}>
            <X size={14} aria-hidden /> Cancel
          </button>
        </>
      )}
      {!job && (run.status === 'interrupted' || run.status === 'failed') && (
        <button type="button" className="button primary" onClick={() => void runs.resume(run.id)}>
          <Play size={13} aria-hidden /> Resume
        </button>
      )}
      {!job && run.status === 'finished' && children}
      {!job && (
        <button
          type="button"
          className="button icon plain"
          aria-label={`Delete ${run.name}`}
          title="Delete run"
          onClick={() => setAsking(true)}
        >
          <Trash2 size={14} aria-hidden />
        </button>
      )}
      {asking && <AskDelete run={run} close={() => setAsking(false)} />}
    </span>
  );
}

export function ExportOnnx({ run, label }: { run: ApiRunInfo; label: string }) {
  const exportOnnx = async () => {
    const path = await pickPath('export', `${run.name}.onnx`);
    if (path) await useRuns.getState().exportOnnx(run.id, path);
  };
  return (
    <button type="button" className="button" onClick={() => void exportOnnx()}>
      <FileOutput size={14} aria-hidden /> {label}
    </button>
  );
}

/** What can be done with a trained run of travel times or speeds. */
function TrainedActions({ run, exportSpeeds }: { run: ApiRunInfo; exportSpeeds(): void }) {
  return (
    <>
      <button type="button" className="button" onClick={() => void useRuns.getState().evaluate(run.id)}>
        <Gauge size={14} aria-hidden /> Evaluate
      </button>
      <ExportOnnx run={run} label="Export" />
      {!run.speeds && (
        <button
          type="button"
          className="button"
          title="Export speeds for Valhalla or OSRM"
          onClick={exportSpeeds}
        >
          <TableProperties size={14} aria-hidden /> Speeds
        </button>
      )}
      <button
        type="button"
        className="button"
        onClick={() => {
          useMap.getState().preferRun(run.id);
          useShell.getState().go('map');
        }}
      >
        <MapIcon size={14} aria-hidden /> Show on map
      </button>
    </>
  );
}

function AskDelete({ run, close }: { run: ApiRunInfo; close(): void }) {
  return (
    <AskRemove
      title={`Delete ${run.name}?`}
      what="run"
      verb="Delete"
      remove={() => {
        if (useMap.getState().runId === run.id) useMap.getState().preferRun(null);
        void useRuns.getState().remove(run.id);
      }}
      close={close}
    >
      Its weights, curves and figures are deleted from the project. Exported files stay.
    </AskRemove>
  );
}

export function RunSettings({ run }: { run: ApiRunInfo }) {
  const settings = Object.entries(configOf(run).settings ?? {});
  const infos = useRuns((state) => state.settings[run.model as ModelId]);
  if (settings.length === 0) return null;
  return (
    <section>
      <details>
        <summary>
          <h3>Settings</h3>
        </summary>
        <DataTable
          label="Settings of the run"
          className="tight"
          rows={settings.map(([key, value]) => {
            const info = infos?.find((other) => other.key === key);
            return {
              key,
              label: info?.label ?? key,
              value: String(value),
              usual: info ? String(info.default) : '',
            };
          })}
          rowKey={(row) => row.key}
          columns={[
            { id: 'label', head: 'Setting', value: (row) => row.label },
            { id: 'value', head: 'This run', numeric: true, className: 'strong', value: (row) => row.value },
            {
              id: 'usual',
              head: 'Default',
              numeric: true,
              className: 'secondary',
              value: (row) => row.usual,
            },
          ]}
        />
      </details>
    </section>
  );
}

import type { ObservationPreview } from '../../api/types.ts';
import { fileName, fixed } from '../../format/format.ts';
import { useObservationImport } from '../../stores/observationImport.ts';
import { useProject } from '../../stores/project.ts';
import { useShell } from '../../stores/shell.ts';
import { ImportStep } from '../ImportStep.tsx';
import { LastReport } from '../JobOutcome.tsx';
import { COLUMN_FIELDS } from './fields.ts';

/** The last step: what will be written, then the job and its report. */
export function ObservationDone({ preview }: { preview: ObservationPreview }) {
  const current = useObservationImport();
  const { clear } = current;
  const hasRoads = useProject(({ project }) => (project?.segments ?? 0) > 0);
  const { suggested } = preview;
  const facts: [string, string][] = [
    ...COLUMN_FIELDS.flatMap(({ key, label }): [string, string][] =>
      suggested[key] ? [[label, suggested[key]]] : [],
    ),
    ...(suggested.start ? [['First row at', suggested.start.replace('T', ' ')] as [string, string]] : []),
    ...(suggested.positions ? [['Sensor positions', fileName(suggested.positions)] as [string, string]] : []),
    ...(suggested.adjacency && !hasRoads
      ? [['Adjacency', fileName(suggested.adjacency)] as [string, string]]
      : []),
    ...(suggested.seconds ? [] : [['Unit', suggested.unit ?? ''] as [string, string]]),
    ['Interval', `${fixed((suggested.stepS ?? 0) / 60)} min`],
  ];
  const note = !hasRoads && !current.jobId && (
    <p className="secondary">There are no roads: the sensors become the network of the project.</p>
  );
  return (
    <ImportStep facts={facts} sizeBytes={preview.sizeBytes} current={current} note={note}>
      <LastReport kind="observations" />
      <div className="row">
        <button
          type="button"
          className="button primary"
          onClick={() => {
            clear();
            useShell.getState().openDataPage('overview');
          }}
        >
          See the data
        </button>
        <button type="button" className="button" onClick={clear}>
          Import more observations
        </button>
      </div>
    </ImportStep>
  );
}

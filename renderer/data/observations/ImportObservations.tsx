import { pickPath } from '../../files/dialogs.ts';
import { useObservationImport } from '../../stores/observationImport.ts';
import { useProject } from '../../stores/project.ts';
import { ImportPage } from '../ImportPage.tsx';
import { FileRow } from '../ImportRoads.tsx';
import { labelOf } from './fields.ts';
import { ObservationCheck } from './ObservationCheck.tsx';
import { ObservationColumns } from './ObservationColumns.tsx';
import { ObservationDone } from './ObservationDone.tsx';

/** File → Columns → Check → Import of speeds by segment, or of a matrix of detectors. */
export function ImportObservations() {
  const state = useObservationImport();
  const hasRoads = useProject(({ project }) => (project?.segments ?? 0) > 0);
  const { step, preview } = state;
  return (
    <ImportPage title="Import observations" state={state} block={blockOf(state, hasRoads)}>
      {step === 'File' && <FileStep />}
      {step === 'Columns' && preview && <ObservationColumns preview={preview} />}
      {step === 'Check' && preview && <ObservationCheck preview={preview} />}
      {step === 'Import' && preview && <ObservationDone preview={preview} />}
    </ImportPage>
  );
}

function FileStep() {
  const { path, choose } = useObservationImport();
  const chooseFile = async () => {
    const chosen = await pickPath('observations');
    if (chosen) await choose(chosen);
  };
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <FileRow
          label="Observation file"
          path={path}
          hint="CSV, JSON Lines or Parquet, gzip too"
          choose={() => void chooseFile()}
        />
        <p className="secondary">
          Either a row for each segment (or OSM way and direction) and interval with its speed or seconds, or
          a matrix of detectors: a row for each interval, a column for each sensor. Columns, unit and interval
          are settled in the next step.
        </p>
      </div>
    </div>
  );
}

/** What keeps the user from the next step, or null. */
function blockOf(
  { step, preview, path }: ReturnType<typeof useObservationImport.getState>,
  hasRoads: boolean,
): string | null {
  if (!path || !preview) return 'Choose a file first';
  if (preview.suggested.layout === 'segments' && !hasRoads) return 'Import a road network first';
  const [missing] = preview.missing;
  if (missing !== undefined) return `Still to be given: ${labelOf(missing).toLowerCase()}`;
  if (step !== 'File' && preview.rows.length === 0) return 'The file has no rows';
  if (step === 'Check' && preview.problems.length === preview.rows.length)
    return 'Every row read would be left out: look at the columns again';
  return null;
}

import { pickPath } from '../files/dialogs.ts';
import type { Step } from '../stores/previewing.ts';
import { useTripImport } from '../stores/tripImport.ts';
import { CheckStep } from './CheckStep.tsx';
import { ColumnsStep } from './ColumnsStep.tsx';
import { FIELDS } from './fields.ts';
import { ImportPage } from './ImportPage.tsx';
import { FileRow } from './ImportRoads.tsx';
import { ImportStep } from './ImportStep.tsx';

/** File → Columns → Check → Import; nothing is written before the last step. */
export function ImportTrips() {
  const state = useTripImport();
  const { step, preview } = state;
  return (
    <ImportPage title="Import trips" state={state} block={blockOf(step, state)}>
      {step === 'File' && <FileStep />}
      {step === 'Columns' && preview && <ColumnsStep preview={preview} />}
      {step === 'Check' && preview && <CheckStep preview={preview} />}
      {step === 'Import' && preview && <ImportStep preview={preview} />}
    </ImportPage>
  );
}

function FileStep() {
  const { path, choose } = useTripImport();
  const chooseFile = async () => {
    const chosen = await pickPath('trips');
    if (chosen) await choose(chosen);
  };
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <FileRow
          label="Trip file"
          path={path}
          hint="CSV, JSON Lines or Parquet, gzip too: one trip a row"
          choose={() => void chooseFile()}
        />
        <p className="secondary">
          A row needs a departure time, the driven segments in order and the total seconds; seconds per
          segment help where they are known. Columns are matched in the next step.
        </p>
      </div>
    </div>
  );
}

/** What keeps the user from the next step, or null. */
function blockOf(step: Step, state: ReturnType<typeof useTripImport.getState>): string | null {
  const { preview, path } = state;
  if (!path || !preview) return 'Choose a file first';
  const missing = preview.missing[0];
  if (missing !== undefined) return `Still without a column: ${labelOf(missing)}`;
  if (step !== 'File' && preview.rows.length === 0) return 'The file has no rows';
  if (step === 'Check' && preview.problems.length === preview.rows.length)
    return 'Every row read would be left out: look at the columns again';
  return null;
}

const labelOf = (field: string): string =>
  FIELDS.find((known) => known.key === field)?.label.toLowerCase() ?? field;

import { File, Plus, Trash2 } from 'lucide-react';
import { pickPath } from '../../files/dialogs.ts';
import { bytes, counted, fileName } from '../../format/format.ts';
import { RECOMMENDERS } from '../../recommend/systems.ts';
import { type InteractionImport, useInteractionImport } from '../../stores/interactionImport.ts';
import { useProject } from '../../stores/project.ts';
import { useRecommend } from '../../stores/recommend.ts';
import { recommenderTab, useShell } from '../../stores/shell.ts';
import { ImportPage } from '../ImportPage.tsx';
import { ImportStep } from '../ImportStep.tsx';
import { LastReport } from '../JobOutcome.tsx';
import { FilesCheck } from './FilesCheck.tsx';
import { InteractionColumns } from './InteractionColumns.tsx';
import { inWords } from './plan.ts';

/** File → Columns → Check → Import, of several files as one data set; nothing is written before the last step. */
export function ImportInteractions() {
  const state = useInteractionImport();
  const sets = useProject(({ project }) => project?.interactions);
  const taken = sets?.map(({ name }) => name) ?? [];
  const { step, files, previews } = state;
  const sizeBytes = previews.reduce((sum, preview) => sum + preview.sizeBytes, 0);
  const path = files.length === 1 ? files[0]!.path : files.length > 1 ? counted(files.length, 'file') : null;
  const problems = previews.flatMap((preview) => preview.problems);
  const isRead = files.length > 0 && previews.length === files.length;
  return (
    <ImportPage
      title="Import interactions"
      state={{ ...state, path, preview: isRead ? { sizeBytes, problems } : null }}
      block={blockOf(state, taken)}
    >
      {step === 'File' && <FileStep />}
      {step === 'Columns' && isRead && <InteractionColumns />}
      {step === 'Check' && isRead && <FilesCheck />}
      {step === 'Import' && isRead && (
        <ImportStep
          facts={[
            ['Data set', state.name],
            ...previews.map(({ path: from, plan }) => [fileName(from), inWords(plan)] as const),
          ]}
          sizeBytes={sizeBytes}
          current={{ ...state, path }}
        >
          <Done />
        </ImportStep>
      )}
    </ImportPage>
  );
}

function FileStep() {
  const { files, previews, add, remove } = useInteractionImport();
  const chooseFile = async () => {
    const chosen = await pickPath('interactions');
    if (chosen) await add(chosen);
  };
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        {files.map(({ path }, i) => (
          <div key={path} className="row file-row">
            <File size={15} aria-hidden />
            <span className="grow">
              <b>{fileName(path)}</b>{' '}
              <span className="secondary">
                {previews[i]?.path === path &&
                  `${previews[i].format}, ${bytes(previews[i].sizeBytes)}: ${inWords(previews[i].plan)}`}
              </span>
            </span>
            <button
              type="button"
              className="button icon small plain"
              aria-label={`Leave ${fileName(path)} out`}
              onClick={() => void remove(i)}
            >
              <Trash2 size={14} aria-hidden />
            </button>
          </div>
        ))}
        <div>
          <button
            type="button"
            className={files.length === 0 ? 'button primary' : 'button'}
            onClick={() => void chooseFile()}
          >
            <Plus size={14} aria-hidden /> {files.length === 0 ? 'Choose a file' : 'Add a file'}
          </button>
        </div>
        <p className="secondary">
          Who took what, and what is known of users and items: CSV, JSON Lines, Parquet, RecBole’s atomic
          files, lists of edges; gzip too. All files together make one data set. What each is taken for is
          settled in the next step.
        </p>
      </div>
    </div>
  );
}

/** What keeps the user from the next step, or null. */
function blockOf(
  { step, files, previews, name }: InteractionImport,
  taken: readonly string[],
): string | null {
  if (files.length === 0) return 'Choose a file first';
  if (previews.length !== files.length) return 'A file is still being read';
  if (!previews.some(({ plan }) => plan.role === 'edges'))
    return 'No file holds edges: add one that says who took what';
  const empty = previews.find(({ rows }) => rows.length === 0);
  if (empty) return `${fileName(empty.path)} has no rows`;
  if (step !== 'Check' && step !== 'Import') return null;
  if (name.trim() === '') return 'Name the data set';
  return taken.includes(name.trim()) ? `The project has interactions “${name.trim()}” already` : null;
}

function Done() {
  const clear = useInteractionImport((state) => state.clear);
  const known = useRecommend((state) => state.recommenders);
  const source = useProject(({ project }) =>
    project?.sources.findLast(({ kind }) => kind === 'interactions'),
  );
  const offered = RECOMMENDERS.filter(({ id }) => known.some((other) => other.id === id));
  const then = (run: () => void) => () => {
    clear();
    run();
  };
  return (
    <>
      <LastReport kind="interactions" />
      <div className="row import-next">
        {offered.map(({ id, name }, i) => (
          <button
            key={id}
            type="button"
            className={i === 0 ? 'button primary' : 'button'}
            onClick={then(() => useShell.getState().go(recommenderTab(id)))}
          >
            {name}
          </button>
        ))}
        <button type="button" className="button" onClick={clear}>
          Import more
        </button>
        {source && (
          <button
            type="button"
            className="button"
            onClick={then(() => void useProject.getState().removeSource(source.id))}
          >
            Undo this import
          </button>
        )}
      </div>
    </>
  );
}

import { CornerLeftUp, File, Folder } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { FilePurpose, FolderListing } from '../api/types.ts';
import { ago, bytes, fileName, joinPath } from '../format/format.ts';
import { Dialog } from '../shell/Dialog.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { answerRequest, useFiles } from './dialogs.ts';
import './files.css';

const TITLES: Record<FilePurpose, string> = {
  'open-project': 'Open a project',
  'new-project': 'Where to keep the new project',
  roads: 'Choose a road network',
  trips: 'Choose a trip file',
  observations: 'Choose a file of observations or sensors',
  export: 'Where to put the exported model',
  speeds: 'Where to put the speeds',
  ways: 'Choose the edges of ways',
  profiles: 'Choose historical speeds',
  interactions: 'Choose a file of interactions, users or items',
  lists: 'Where to put the lists, as CSV or Parquet',
  embeddings: 'Where to put the embeddings, as CSV or Parquet',
};

const ENDINGS: Record<FilePurpose, RegExp> = {
  'open-project': /\.etalon$/i,
  'new-project': /\.etalon$/i,
  roads: /\.(pbf|osm|gz|csv|geojson|json|xml)$/i,
  trips: /\.(csv|tsv|txt|gz|jsonl|ndjson|parquet|gpx|geojson|json)$/i,
  observations: /\.(csv|tsv|txt|gz|jsonl|ndjson|parquet)$/i,
  export: /\.onnx$/i,
  speeds: /\.csv$/i,
  ways: /\.(txt|gz)$/i,
  profiles: /\.(csv|gz)$/i,
  interactions: /\.(csv|tsv|txt|gz|jsonl|ndjson|parquet|inter|link|user|item|data|dat)$/i,
  lists: /\.(csv|parquet)$/i,
  embeddings: /\.(csv|parquet)$/i,
};

const DONE: Record<FilePurpose, string> = {
  'open-project': 'Open project',
  'new-project': 'Create project here',
  roads: 'Choose file',
  trips: 'Choose file',
  observations: 'Choose file',
  export: 'Export here',
  speeds: 'Export here',
  ways: 'Choose file',
  profiles: 'Choose file',
  interactions: 'Choose file',
  lists: 'Write here',
  embeddings: 'Export here',
};

export function FileBrowser() {
  const request = useFiles((state) => state.request);
  return request && <Browser key={request.purpose + request.folder} {...request} />;
}

function Browser({ purpose, name, folder }: { purpose: FilePurpose; name: string | null; folder: string }) {
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [path, setPath] = useState(folder);
  const [typed, setTyped] = useState(folder);
  const [chosen, setChosen] = useState(name ?? '');
  const [everything, setEverything] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [reading, setReading] = useState(true);
  const creates = name !== null;

  useEffect(() => {
    let current = true;
    setReading(true);
    api()
      .app.listFolder({ path })
      .then((answer) => {
        if (!current) return;
        setListing(answer);
        // What was typed meanwhile stays.
        setTyped((now) => (now === path ? answer.path : now));
        setProblem(null);
      })
      .catch((thrown: unknown) => current && setProblem(toProblem(thrown)))
      .finally(() => current && setReading(false));
    return () => {
      current = false;
    };
  }, [path]);

  const enter = (next: string) => {
    setPath(next);
    setTyped(next);
  };
  const shown = (listing?.entries ?? [])
    .filter((entry) => entry.folder || everything || ENDINGS[purpose].test(entry.name))
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((one, other) => Number(other.folder) - Number(one.folder) || one.name.localeCompare(other.name));
  const exists = creates && shown.some((entry) => !entry.folder && entry.name === chosen.trim());
  const blocked = reading
    ? 'Reading the folder'
    : !listing || problem
      ? 'Open a folder first'
      : !chosen.trim()
        ? creates
          ? 'Type a name'
          : 'Choose a file'
        : null;
  const finish = () => {
    if (!blocked && listing)
      answerRequest(joinPath(listing.path, withEnding(chosen.trim(), purpose, creates)), listing.path);
  };

  return (
    <Dialog
      title={TITLES[purpose]}
      close={() => answerRequest(null)}
      footer={
        <>
          <label className="row secondary grow">
            <input
              type="checkbox"
              checked={everything}
              onChange={(event) => setEverything(event.target.checked)}
            />
            Show all files
          </label>
          {blocked && <span className="secondary">{blocked}</span>}
          {exists && <span className="secondary">{fileName(chosen)} exists already</span>}
          <button type="button" className="button" onClick={() => answerRequest(null)}>
            Cancel
          </button>
          <button type="button" className="button primary" disabled={blocked !== null} onClick={finish}>
            {DONE[purpose]}
          </button>
        </>
      }
    >
      <form
        className="files-path"
        onSubmit={(event) => {
          event.preventDefault();
          setPath(typed);
        }}
      >
        <button
          type="button"
          className="button icon"
          aria-label="Parent folder"
          disabled={!listing?.parent}
          onClick={() => listing?.parent && enter(listing.parent)}
        >
          <CornerLeftUp size={14} aria-hidden />
        </button>
        <input
          className="input mono"
          aria-label="Folder"
          value={typed}
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => setPath(typed)}
        />
        <button type="submit" className="button">
          Go
        </button>
      </form>
      {problem && <ProblemNote problem={problem} />}
      <ul className="files-list scroll" aria-label="Files">
        {shown.map((entry) => (
          <li key={entry.path}>
            <button
              type="button"
              className="menu-item"
              aria-pressed={!entry.folder && entry.name === chosen}
              onClick={() => (entry.folder ? enter(entry.path) : setChosen(entry.name))}
              onDoubleClick={() => {
                if (!entry.folder && listing) answerRequest(entry.path, listing.path);
              }}
            >
              {entry.folder ? <Folder size={14} aria-hidden /> : <File size={14} aria-hidden />}
              <span className="grow ellipsis">{entry.name}</span>
              <span className="note">{entry.folder ? '' : bytes(entry.sizeBytes)}</span>
              <span className="note files-when">{ago(entry.modifiedAt)}</span>
            </button>
          </li>
        ))}
        {listing && shown.length === 0 && <li className="secondary files-empty">Nothing here that fits.</li>}
      </ul>
      <label className="field files-name">
        <span className="label">File name</span>
        <input
          className="input"
          data-autofocus={creates || undefined}
          value={chosen}
          spellCheck={false}
          onChange={(event) => setChosen(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && finish()}
        />
      </label>
    </Dialog>
  );
}

/** What a new file's name ends with where none is typed. */
const NEW_ENDINGS: Partial<Record<FilePurpose, string>> = {
  'new-project': '.etalon',
  export: '.onnx',
  speeds: '.csv',
  lists: '.csv',
  embeddings: '.csv',
};

function withEnding(name: string, purpose: FilePurpose, creates: boolean): string {
  return !creates || ENDINGS[purpose].test(name) ? name : `${name}${NEW_ENDINGS[purpose] ?? ''}`;
}

import { type BrowserWindow, dialog, type FileFilter } from 'electron';
import type { HostCrash } from './hostLink.ts';
import type { PickFile } from './hostMessages.ts';

const ALL: FileFilter = { name: 'All files', extensions: ['*'] };
const PROJECT: FileFilter = { name: 'Etalon project', extensions: ['etalon'] };
const TABLES = ['csv', 'gz', 'tsv', 'txt', 'jsonl', 'ndjson', 'parquet'];
const TABLES_OUT: FileFilter[] = [
  { name: 'CSV', extensions: ['csv'] },
  { name: 'Parquet', extensions: ['parquet'] },
];
const FILTERS: Record<PickFile['purpose'], FileFilter[]> = {
  'open-project': [PROJECT],
  'new-project': [PROJECT],
  roads: [{ name: 'Road network', extensions: ['pbf', 'osm', 'gz', 'csv', 'geojson', 'json', 'xml'] }, ALL],
  trips: [{ name: 'Trips', extensions: [...TABLES, 'gpx', 'geojson', 'json'] }, ALL],
  observations: [{ name: 'Observations', extensions: TABLES }, ALL],
  export: [{ name: 'ONNX model', extensions: ['onnx'] }],
  speeds: [{ name: 'Speeds', extensions: ['csv'] }, ALL],
  profiles: [{ name: 'Historical speeds', extensions: ['csv', 'gz'] }, ALL],
  ways: [{ name: 'Edges of ways', extensions: ['txt', 'gz'] }, ALL],
  interactions: [{ name: 'Interactions', extensions: [...TABLES, 'inter', 'user', 'item', 'link'] }, ALL],
  lists: TABLES_OUT,
  embeddings: TABLES_OUT,
};
/** Purposes that name a new file. */
const SAVES: ReadonlySet<PickFile['purpose']> = new Set([
  'new-project',
  'export',
  'speeds',
  'lists',
  'embeddings',
]);

/** The system's file dialog; null = dismissed. */
export async function pickFile(
  window: BrowserWindow,
  { purpose, suggested }: PickFile,
): Promise<string | null> {
  const options = { filters: FILTERS[purpose], ...(suggested && { defaultPath: suggested }) };
  if (SAVES.has(purpose)) {
    const { canceled, filePath } = await dialog.showSaveDialog(window, options);
    return canceled ? null : filePath;
  }
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    ...options,
    properties: ['openFile'],
  });
  return canceled ? null : filePaths[0];
}

/** True = stop the job and quit. */
export async function askToStop(window: BrowserWindow | null, job: string): Promise<boolean> {
  const options = {
    type: 'question' as const,
    message: `“${job}” is still running.`,
    detail:
      'Training keeps its last checkpoint and can be resumed; an unfinished import leaves nothing behind.',
    buttons: ['Stop and keep the last checkpoint', 'Go on'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  };
  const { response } = await (window
    ? dialog.showMessageBox(window, options)
    : dialog.showMessageBox(options));
  return response === 0;
}

export async function reportCrash(window: BrowserWindow, { code, job, restarted }: HostCrash): Promise<void> {
  const interrupted = job
    ? `“${job}” was interrupted; training resumes from its last checkpoint. `
    : 'The project file is safe. ';
  await dialog.showMessageBox(window, {
    type: restarted ? 'warning' : 'error',
    message: `The part of Etalon that reads files and trains has stopped (code ${code}).`,
    detail:
      interrupted +
      (restarted
        ? 'It was started again, and the window connects to it now.'
        : 'It stopped several times in a row. The window tries once more.'),
    buttons: ['Reconnect'],
    noLink: true,
  });
}

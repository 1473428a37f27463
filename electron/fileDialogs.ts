import { type BrowserWindow, dialog, type FileFilter } from 'electron';
import type { FromHost } from './messages.ts';

type PickRequest = Extract<FromHost, { type: 'pick' }>;

const PROJECTS: FileFilter = { name: 'Etalon project', extensions: ['etalon'] };
const FILTERS: Record<PickRequest['purpose'], FileFilter[]> = {
  'open-project': [PROJECTS],
  'new-project': [PROJECTS],
  roads: [{ name: 'Road networks', extensions: ['pbf', 'osm', 'gz', 'xml', 'csv', 'geojson', 'json'] }],
  trips: [{ name: 'Trips', extensions: ['csv', 'gz', 'tsv', 'txt'] }],
  export: [{ name: 'ONNX model', extensions: ['onnx'] }],
};

/** The system's own dialog for the purpose; null when it was dismissed. */
export async function pickFile(
  window: BrowserWindow | null,
  { purpose, suggested }: PickRequest,
): Promise<string | null> {
  const options = { filters: FILTERS[purpose], ...(suggested !== undefined && { defaultPath: suggested }) };
  if (purpose === 'new-project' || purpose === 'export') {
    const { filePath } = window
      ? await dialog.showSaveDialog(window, options)
      : await dialog.showSaveDialog(options);
    return filePath || null;
  }
  const { filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  return filePaths[0] ?? null;
}

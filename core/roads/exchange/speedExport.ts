/** What was written of weekly speeds. */
export interface SpeedExportReport {
  format: 'valhalla' | 'osrm';
  /** The file, or the folder of several. */
  path: string;
  files: number;
  bytes: number;
  /** Edges or pairs of nodes. */
  rows: number;
  /** Segments whose speeds are in them. */
  segments: number;
  /** Turns in the file of turn penalties; absent without one. */
  turns?: number;
  /** Where the speeds come from. */
  source: string;
  notes: string[];
}

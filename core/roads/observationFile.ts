import type { TaskContext } from '../base/index.ts';
import { eachRecord } from '../tables/eachRecord.ts';
import type { ImportReport } from '../tables/importReport.ts';
import { openTable, type TableRecord } from '../tables/table.ts';
import type { RoadNetwork } from './network.ts';
import { ObservationCollector } from './observationImport/collector.ts';
import { readDetectors } from './observationImport/detectors.ts';
import {
  completeObservationMapping,
  observationColumnsOf,
  type PartialObservationMapping,
} from './observationImport/mapping.ts';
import { ObservationRowReader } from './observationImport/observationRow.ts';
import type { ObservationSet } from './observations.ts';

export { readSensorNetwork } from './observationImport/detectors.ts';
export type {
  ObservationLayout,
  ObservationMapping,
  PartialObservationMapping,
} from './observationImport/mapping.ts';
export type { MatchFigures } from './observationImport/matchSensors.ts';
export { SPEED_UNITS, type SpeedUnit } from './observationImport/units.ts';

export interface ObservationFileOptions {
  mapping: PartialObservationMapping;
  /** IANA name of the wall clock of times without an offset, and of the project. */
  timeZone: string;
  network: RoadNetwork;
  /** Whether rows that cannot be read are left out; else they stop the import. */
  skipMalformed?: boolean;
  /** Takes the observations as they are read, some ten thousand at a time, so that no file need fit into memory. */
  add(observations: ObservationSet): void;
  context: TaskContext;
}

/**
 * Reads observations of segments, or a matrix of detectors, from a table (CSV, JSON Lines, Parquet). Rows and values that
 * give no observation are left out, counted and reported with examples. Throws `usage` for a mapping that does not fit the
 * file, `input` for rows that cannot be read (see `tables/malformed.ts`) and when more than half are at fault; whoever kept
 * what was added before must give it up then.
 */
export async function readObservationFile(
  path: string,
  options: ObservationFileOptions,
): Promise<ImportReport> {
  const table = await openTable(path);
  try {
    const mapping = completeObservationMapping(options.mapping, table.columns);
    if (mapping.layout === 'detectors') return await readDetectors(table, mapping, options);
    const reader = new ObservationRowReader(table, mapping, options.timeZone, options.network);
    const { skipMalformed = false } = options;
    const collector = new ObservationCollector(
      table,
      options.network.segmentCount,
      skipMalformed,
      options.add,
    );
    const { tally } = collector;
    if (mapping.way !== null && mapping.direction === null)
      tally.report.note('Without a direction the observations of a way count for both of its directions');
    const wanted = observationColumnsOf(mapping);
    const take = (record: TableRecord): void => {
      tally.count(record);
      const row = tally.malformed.read(() => reader.read(record));
      if (!row || tally.malformed.failed) return;
      if ('reason' in row) {
        if (row.reason === 'missing') tally.skip('missing', `${table.place(record)}: ${row.detail}`);
        else tally.drop(record, row);
        return;
      }
      for (const observation of row.observations) collector.add(observation);
      collector.noteDoubt(row.doubt, record);
    };
    await eachRecord(table, { wanted, stage: 'Reading observations', context: options.context }, take);
    tally.malformed.stopIfFailed();
    return collector.finish();
  } finally {
    await table.close();
  }
}

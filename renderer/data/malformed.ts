import { counted } from '../format/format.ts';
import type { FileImport } from '../stores/fileImport.ts';
import type { RowsPreview } from './fields.ts';

/** The choice about rows that cannot be read, of an import in steps. */
export type MalformedChoice = Pick<FileImport<never, never>, 'skipMalformed' | 'setSkipMalformed'>;

/** Of the rows read, those that cannot be read. */
export function malformedOf({ problems }: Pick<RowsPreview, 'problems'>): RowsPreview['problems'] {
  return problems.filter(({ malformed }) => malformed);
}

/** What keeps the user from going on while some rows are neither mended nor left out, or null. */
export function undecided(
  preview: Pick<RowsPreview, 'problems'>,
  { skipMalformed }: Pick<MalformedChoice, 'skipMalformed'>,
): string | null {
  const count = malformedOf(preview).length;
  return count > 0 && !skipMalformed ? `Decide about ${counted(count, 'malformed row')} first` : null;
}

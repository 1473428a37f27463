import { counted } from '../format/format.ts';
import type { MalformedChoice } from './malformed.ts';

interface MalformedRowProps {
  /** What is wrong with the row, and in which column, where it is one. */
  message: string;
  column: string | null;
  /** How many of the rows read are such. */
  count: number;
  choice: MalformedChoice;
}

/** Opens below a row that cannot be read: the cause, how many share it, and the one choice for all of them. */
export function MalformedRow({
  message,
  column,
  count,
  choice: { skipMalformed, setSkipMalformed },
}: MalformedRowProps) {
  const others = count > 1 ? ` ${count - 1} more of these rows cannot be read, either.` : '';
  return (
    <div className="malformed-row">
      <p className="bad-reason">
        <b>{message}</b>
        {others}{' '}
        {skipMalformed
          ? 'Such rows are left out, further on in the file, too; the report names them.'
          : `It stops the import: ${column === null ? '' : 'choose another column, '}mend the file and choose it again, or leave such rows out.`}
      </p>
      <button type="button" className="button small" onClick={() => setSkipMalformed(!skipMalformed)}>
        {skipMalformed ? 'Stop at malformed rows' : `Leave out ${counted(count, 'malformed row')}`}
      </button>
    </div>
  );
}

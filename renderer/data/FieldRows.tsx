import { Check, ChevronLeft, Minus, TriangleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useProject } from '../stores/project.ts';
import type { RowsPreview } from './fields.ts';

interface FieldRowProps {
  id: string;
  label: string;
  /** What a value is. */
  kind: string;
  note: ReactNode;
  bad?: boolean;
  /** Left out on purpose. */
  absent?: boolean;
  /** The note is a value as it stands in the file. */
  raw?: boolean;
  /** The control, with the same id. */
  children: ReactNode;
}

/** One thing that an import needs to know, how it is given, and whether that will do. */
export function FieldRow({
  id,
  label,
  kind,
  note,
  bad = false,
  absent = false,
  raw = false,
  children,
}: FieldRowProps) {
  return (
    <div className={bad ? 'field-row bad' : 'field-row'}>
      <label htmlFor={id}>
        <b>{label}</b>
        <span className="secondary">{kind}</span>
      </label>
      <ChevronLeft size={14} aria-hidden />
      <div className="field-choice">
        {children}
        <span
          id={`${id}-note`}
          className={['field-note', bad && 'error', raw && 'mono'].filter(Boolean).join(' ')}
        >
          {note}
        </span>
      </div>
      {bad ? (
        <TriangleAlert size={15} className="field-bad" aria-label="needs attention" />
      ) : absent ? (
        <Minus size={15} className="field-none" aria-label="not in file" />
      ) : (
        <Check size={15} className="field-good" aria-label="given" />
      )}
    </div>
  );
}

interface ColumnRowProps {
  label: string;
  kind: string;
  value: string | number | null | undefined;
  missing: boolean;
  preview: Pick<RowsPreview, 'columns' | 'problems'>;
  choose(column: string | null): void;
}

/** The column that holds a field. */
export function ColumnRow({ label, kind, value: given, missing, preview, choose }: ColumnRowProps) {
  const id = useId();
  const value = given ?? '';
  const problems = preview.problems.filter(({ column }) => column !== null && column === value).length;
  const sample = preview.columns.find((column) => column.name === value)?.samples[0];
  const bad = missing || problems > 0;
  const note = missing
    ? 'Choose the column that holds it'
    : problems > 0
      ? `${problems} ${problems === 1 ? 'row has' : 'rows have'} a problem here`
      : (sample ?? '\u00a0');
  return (
    <FieldRow id={id} label={label} kind={kind} note={note} bad={bad} absent={value === ''} raw>
      <select
        id={id}
        className="input mono"
        value={value}
        aria-invalid={bad}
        aria-describedby={`${id}-note`}
        onChange={(event) => choose(event.target.value || null)}
      >
        <option value="">Not in file</option>
        {preview.columns.map((column) => (
          <option key={column.name}>{column.name}</option>
        ))}
      </select>
    </FieldRow>
  );
}

const ZONES = Intl.supportedValuesOf('timeZone');

/** The clock that the file's times are on; the project's once it has one. */
export function ZoneRow({ timeZone, setTimeZone }: { timeZone: string; setTimeZone(zone: string): void }) {
  const id = useId();
  const fixed = useProject((state) => state.project?.timeZone ?? null);
  const note = fixed ? 'Set by the data already imported' : 'All times are shown on this clock';
  return (
    <FieldRow id={id} label="Time zone" kind="of the clocks" note={note}>
      <select
        id={id}
        className="input"
        value={timeZone}
        disabled={fixed !== null}
        onChange={(event) => setTimeZone(event.target.value)}
      >
        {[...new Set([timeZone, 'UTC', ...ZONES])].map((zone) => (
          <option key={zone}>{zone}</option>
        ))}
      </select>
    </FieldRow>
  );
}

import { ArrowDown, ArrowUp, Search } from 'lucide-react';
import { Fragment, type HTMLAttributes, type ReactNode, useState } from 'react';
import { fileStem, toCsv } from '../export/csv.ts';
import { ExportMenu } from '../export/ExportMenu.tsx';
import { copyCsv, saveText } from '../export/save.ts';
import { remember, remembered } from '../stores/memory.ts';
import { arrange, type CellValue, nextSort, type Sort } from './arrange.ts';
import './table.css';

export interface Column<Row> {
  id: string;
  /** Over the column, and in the exported file. */
  head: string;
  /** Shown over the column besides its name. */
  headExtra?: ReactNode;
  /** What is sorted by, searched in and exported. */
  value(row: Row): CellValue;
  /** What is shown where it is not the value itself. */
  cell?(row: Row): ReactNode;
  numeric?: boolean;
  className?: string;
}

interface DataTableProps<Row> {
  /** Names the table for assistive tools and its exported file. */
  label: string;
  /** Left above the table. */
  title?: ReactNode;
  /** Right above the table, before its tools: quantity and unit. */
  note?: ReactNode;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey(row: Row): string | number;
  rowProps?(row: Row): HTMLAttributes<HTMLTableRowElement>;
  /** Rows are kept together in groups, in this order, each under its head. */
  groups?: { of(row: Row): string; heads: readonly { id: string; head: ReactNode; empty?: ReactNode }[] };
  /** A row across the table instead of the row's cells. */
  across?(row: Row): ReactNode;
  /** A row across the table below a row. */
  below?(row: Row): ReactNode;
  /** So many rows are shown until all are asked for. */
  limit?: number;
  empty?: ReactNode;
  className?: string;
  /** False where what the table belongs to is exported as a whole. */
  exportable?: boolean;
  /** Class of a box around the table that scrolls. */
  scrollIn?: string;
}

/** A table that is sorted by its headers, filtered, copied and saved as CSV. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, columns, groups, limit } = props;
  const memory = `table.${fileStem(label)}`;
  const [sort, setSort] = useState<Sort | null>(() => remembered(memory, null));
  const [filter, setFilter] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const arranged = arrange(rows, columns, filter ?? '', sort);
  const shown = limit !== undefined && !all && !filter ? arranged.slice(0, limit) : arranged;
  const hidden = arranged.length - shown.length;

  const sortBy = (id: string) => {
    const next = nextSort(sort, id);
    remember(memory, next);
    setSort(next);
  };
  const csv = () =>
    toCsv(
      columns.map((column) => column.head),
      arranged.map((row) => columns.map((column) => column.value(row))),
    );

  const table = (
    <table className={`grid ${props.className ?? ''}`} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.id} column={column} sort={sort} sortBy={sortBy} />
          ))}
        </tr>
      </thead>
      <tbody>
        {groups
          ? groups.heads.map(({ id, head, empty }) => {
              const inGroup = shown.filter((row) => groups.of(row) === id);
              if (inGroup.length === 0 && empty === undefined) return null;
              return (
                <Fragment key={id}>
                  <tr className="table-group">
                    <td colSpan={columns.length}>{head}</td>
                  </tr>
                  {inGroup.map((row) => (
                    <BodyRow key={props.rowKey(row)} row={row} {...props} />
                  ))}
                  {inGroup.length === 0 && <Empty columns={columns.length}>{empty}</Empty>}
                </Fragment>
              );
            })
          : shown.map((row) => <BodyRow key={props.rowKey(row)} row={row} {...props} />)}
        {!groups && shown.length === 0 && (
          <Empty columns={columns.length}>{filter ? 'Nothing here matches the filter.' : props.empty}</Empty>
        )}
      </tbody>
    </table>
  );
  return (
    <div className="data-table">
      <div className="spread table-head">
        <div className="grow">{props.title}</div>
        {props.note && <span className="note">{props.note}</span>}
        <span className="row table-tools">
          {filter !== null && (
            <input
              type="search"
              className="input table-filter"
              aria-label={`Filter ${label}`}
              placeholder="Filter"
              // biome-ignore lint/a11y/noAutofocus: it opens because the user asked for it
              autoFocus
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Escape') return;
                event.stopPropagation();
                setFilter(null);
              }}
            />
          )}
          <button
            type="button"
            className="button icon small plain quiet-tool"
            aria-label={`Filter ${label}`}
            aria-pressed={filter !== null}
            title="Filter"
            onClick={() => setFilter(filter === null ? '' : null)}
          >
            <Search size={13} aria-hidden />
          </button>
          {props.exportable !== false && (
            <ExportMenu
              what={label}
              choices={[
                { label: 'Save CSV', run: () => saveText(`${fileStem(label)}.csv`, 'text/csv', csv()) },
                { label: 'Copy as CSV', run: () => copyCsv(label, csv()) },
              ]}
            />
          )}
        </span>
      </div>
      {props.scrollIn ? <div className={`scroll ${props.scrollIn}`}>{table}</div> : table}
      {(hidden > 0 || (all && limit !== undefined && rows.length > limit)) && (
        <button type="button" className="link" onClick={() => setAll(!all)}>
          {all ? `Show ${limit} only` : `Show ${hidden} more`}
        </button>
      )}
    </div>
  );
}

function Head<Row>({
  column,
  sort,
  sortBy,
}: {
  column: Column<Row>;
  sort: Sort | null;
  sortBy(id: string): void;
}) {
  const sorted = sort?.id === column.id ? (sort.descending ? 'descending' : 'ascending') : 'none';
  const Arrow = sorted === 'descending' ? ArrowDown : ArrowUp;
  return (
    <th className={cellClass(column)} aria-sort={sorted}>
      <button type="button" className="table-sort" onClick={() => sortBy(column.id)}>
        {column.head}
        <Arrow size={11} aria-hidden className={sorted === 'none' ? 'table-arrow idle' : 'table-arrow'} />
      </button>
      {column.headExtra}
    </th>
  );
}

function BodyRow<Row>({ row, ...props }: { row: Row } & DataTableProps<Row>) {
  const { columns } = props;
  const across = props.across?.(row);
  const below = props.below?.(row);
  const attributes = props.rowProps?.(row);
  return (
    <>
      <tr {...attributes}>
        {across ? (
          <td colSpan={columns.length}>{across}</td>
        ) : (
          columns.map((column) => (
            <td key={column.id} className={cellClass(column)}>
              {column.cell ? column.cell(row) : column.value(row)}
            </td>
          ))
        )}
      </tr>
      {below && (
        <tr className={attributes?.className}>
          <td colSpan={columns.length}>{below}</td>
        </tr>
      )}
    </>
  );
}

function Empty({ columns, children }: { columns: number; children: ReactNode }) {
  if (!children) return null;
  return (
    <tr>
      <td colSpan={columns} className="secondary">
        {children}
      </td>
    </tr>
  );
}

const cellClass = ({ numeric, className }: { numeric?: boolean; className?: string }): string =>
  [numeric && 'num', className].filter(Boolean).join(' ');

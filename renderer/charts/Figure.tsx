import { Table2 } from 'lucide-react';
import { type ReactNode, useId, useRef, useState } from 'react';
import type { ChartKey } from '../export/chartImage.ts';
import { plainNumber } from '../export/csv.ts';
import { DataTable } from '../table/DataTable.tsx';
import { ChartExport, type ChartTable } from './ChartExport.tsx';
import './charts.css';

interface FigureProps {
  title: string;
  /** Quantity and unit, at the right of the title. */
  quantity: ReactNode;
  /** Quantity and unit of the x axis, for exported images; the table's first head where absent. */
  xLabel?: string;
  /** Shows `xLabel` under the chart. */
  xBelow?: boolean;
  table: ChartTable;
  /** What marks mean that are not named at their ends, for exported images. */
  keys?: readonly ChartKey[];
  children: ReactNode;
}

/** A chart with its title; the same figures can be read as a table, and both be saved. */
export function Figure({ title, quantity, xLabel, xBelow, table, keys, children }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  const note = useRef<HTMLSpanElement>(null);
  return (
    <figure className="figure" aria-labelledby={id}>
      <figcaption className="spread">
        <h3 id={id}>{title}</h3>
        <span className="row figure-end">
          <span className="note" ref={note}>
            {quantity}
          </span>
          <span className="row figure-tools">
            <button
              type="button"
              className="button icon small plain quiet-tool"
              aria-pressed={asTable}
              aria-label={asTable ? `Show ${title} as chart` : `Show ${title} as table`}
              title={asTable ? 'Show as chart' : 'Show as table'}
              onClick={() => setAsTable(!asTable)}
            >
              <Table2 size={13} aria-hidden />
            </button>
            <ChartExport
              title={title}
              quantity={() => note.current?.textContent ?? ''}
              {...(xLabel && { xLabel })}
              {...(keys && { keys })}
              table={table}
              drawnIn={body}
              drawn={!asTable}
            />
          </span>
        </span>
      </figcaption>
      <div ref={body}>{asTable ? <FigureTable title={title} table={table} /> : children}</div>
      {xBelow && !asTable && <p className="note figure-x">{xLabel}</p>}
    </figure>
  );
}

function FigureTable({ title, table }: { title: string; table: ChartTable }) {
  return (
    <div className="figure-table scroll">
      <DataTable<readonly string[]>
        label={`${title}, table`}
        className="tight"
        exportable={false}
        rows={table.rows}
        rowKey={(row) => row.join('\t')}
        columns={table.head.map((head, column) => ({
          id: head,
          head,
          numeric: true,
          value: (row) => plainNumber(row[column] ?? ''),
          cell: (row) => row[column],
        }))}
      />
    </div>
  );
}

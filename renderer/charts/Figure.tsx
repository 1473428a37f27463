import { Table2 } from 'lucide-react';
import { type ReactNode, useId, useRef, useState } from 'react';
import { chartPng, chartSvg } from '../export/chartImage.ts';
import { type CsvCell, fileStem, plainNumber, toCsv } from '../export/csv.ts';
import { ExportMenu } from '../export/ExportMenu.tsx';
import { copyCsv, saveFile, saveText } from '../export/save.ts';
import { useShell } from '../stores/shell.ts';
import { DataTable } from '../table/DataTable.tsx';
import './charts.css';

export interface ChartTable {
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Exact values for the exported file; where absent, the rows as they are shown. */
  exact?: readonly (readonly CsvCell[])[];
}

interface FigureProps {
  title: string;
  /** Quantity and unit, at the right of the title. */
  quantity: ReactNode;
  /** Quantity and unit of the x axis, for exported images; the table's first head where absent. */
  xLabel?: string;
  table: ChartTable;
  children: ReactNode;
}

/** A chart with its title; the same figures can be read as a table, and both be saved. */
export function Figure({ title, quantity, xLabel, table, children }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  const note = useRef<HTMLSpanElement>(null);

  const image = () => {
    const chart = body.current?.querySelector('svg');
    if (!chart) return null;
    return chartSvg(chart, {
      title,
      quantity: note.current?.textContent ?? '',
      xLabel: xLabel ?? table.head[0] ?? '',
    });
  };
  const savePng = async () => {
    const drawn = image();
    if (!drawn) return;
    try {
      saveFile(`${fileStem(title)}.png`, await chartPng(drawn));
    } catch (thrown) {
      useShell.getState().say(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  const saveSvg = () => {
    const drawn = image();
    if (drawn) saveText(`${fileStem(title)}.svg`, 'image/svg+xml', drawn.markup);
  };
  const csv = () => toCsv(table.head, table.exact ?? table.rows.map((row) => row.map(plainNumber)));

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
            <ExportMenu
              what={title}
              choices={[
                ...(asTable
                  ? []
                  : [
                      { label: 'Save PNG', note: 'image', run: savePng },
                      { label: 'Save SVG', note: 'drawing', run: saveSvg },
                    ]),
                {
                  label: 'Save CSV',
                  note: 'data',
                  run: () => saveText(`${fileStem(title)}.csv`, 'text/csv', csv()),
                },
                { label: 'Copy as CSV', run: () => copyCsv(title, csv()) },
              ]}
            />
          </span>
        </span>
      </figcaption>
      <div ref={body}>{asTable ? <FigureTable title={title} table={table} /> : children}</div>
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

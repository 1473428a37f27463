import type { Feed } from '@etalon/core/device';
import type { SpeedShape } from './network.ts';
import {
  deviationAt,
  EDGE_COLUMNS,
  GRAPH_COLUMNS,
  inDays,
  lastDeviation,
  nodeColumns,
  type SpeedSource,
} from './windows.ts';

type Valued<C> = readonly { name: string; value(context: C): number }[];

/**
 * Turns windows into inputs of the network: each window is one graph of all segments. Index arrays and edges are the same for every
 * batch of as many windows, and are handed out again, so that devices plan them once.
 */
export class SpeedBatches {
  readonly #source: SpeedSource;
  readonly #nodes: Valued<{ source: SpeedSource; row: number; i: number; segment: number }>;
  readonly #edges: Valued<{ graph: SpeedSource['graph']; edge: number }>;
  readonly #graphs: Valued<{ source: SpeedSource; row: number }>;
  readonly #structures = new Map<number, Feed>();

  /** Columns are those that the shape names; all of them without one. */
  constructor(source: SpeedSource, shape?: SpeedShape) {
    const kept = <C extends { name: string }>(columns: readonly C[], names?: readonly string[]) =>
      names ? columns.filter(({ name }) => names.includes(name)) : columns;
    this.#source = source;
    this.#nodes = kept(nodeColumns(source), shape?.nodes.names);
    this.#edges = kept(EDGE_COLUMNS, shape?.edges.names);
    this.#graphs = kept(GRAPH_COLUMNS, shape?.graphs.names);
  }

  /** What the network is asked with. */
  forward(rows: readonly number[]): Feed {
    const source = this.#source;
    const { segments } = source.matrix;
    const n = segments.length;
    const nodes = new Float32Array(rows.length * n * this.#nodes.length);
    const anchors = new Float32Array(rows.length * n);
    const expected = new Float32Array(rows.length * n * source.horizonRows.length);
    let at = 0;
    let node = 0;
    let target = 0;
    for (const row of rows)
      for (let i = 0; i < n; i++) {
        const context = { source, row, i, segment: segments[i] };
        for (const { value } of this.#nodes) nodes[at++] = value(context);
        anchors[node++] = lastDeviation(source, row, i).kmh;
        for (const ahead of source.horizonRows)
          expected[target++] = source.expectedKmh[(row + ahead) * n + i];
      }
    const graphs = rows.flatMap((row) => this.#graphs.map(({ value }) => value({ source, row })));
    return {
      ...this.#structure(rows.length),
      nodeFeatures: nodes,
      graphFeatures: Float32Array.from(graphs),
      lastDeviation: anchors,
      history: expected,
    };
  }

  /** The same with labels; only targets on one of `days` count. */
  labelled(rows: readonly number[], days: ReadonlySet<number>): Feed {
    const { matrix, horizonRows, expectedKmh } = this.#source;
    const n = matrix.segments.length;
    const deviation = new Float32Array(rows.length * n * horizonRows.length);
    const known = new Float32Array(deviation.length);
    let at = 0;
    for (const row of rows)
      for (let i = 0; i < n; i++)
        for (const ahead of horizonRows) {
          const observed = inDays(matrix, row + ahead, days)
            ? matrix.speedKmh[(row + ahead) * n + i]
            : Number.NaN;
          if (!Number.isNaN(observed)) {
            deviation[at] = observed - expectedKmh[(row + ahead) * n + i];
            known[at] = 1;
          }
          at++;
        }
    return { ...this.forward(rows), observedDeviation: deviation, known };
  }

  /** Deviations of all segments at rows, known ones only: their spread is what errors are measured in. */
  deviations(rows: readonly number[]): number[] {
    const { length } = this.#source.matrix.segments;
    const all = rows.flatMap((row) => Array.from({ length }, (_, i) => deviationAt(this.#source, row, i)));
    return all.filter((kmh) => !Number.isNaN(kmh));
  }

  #structure(graphs: number): Feed {
    const known = this.#structures.get(graphs);
    if (known) return known;
    const { graph, matrix } = this.#source;
    const n = matrix.segments.length;
    const edges = graph.senders.length;
    const shifted = (index: Int32Array) =>
      Int32Array.from({ length: graphs * edges }, (_, k) => index[k % edges] + Math.floor(k / edges) * n);
    const made: Feed = {
      senders: shifted(graph.senders),
      receivers: shifted(graph.receivers),
      nodeGraph: Int32Array.from({ length: graphs * n }, (_, node) => Math.floor(node / n)),
      segment: Int32Array.from({ length: graphs * n }, (_, node) => node % n),
      edgeFeatures: Float32Array.from(
        Array.from({ length: graphs * edges }, (_, k) =>
          this.#edges.map(({ value }) => value({ graph, edge: k % edges })),
        ).flat(),
      ),
    };
    this.#structures.set(graphs, made);
    return made;
  }
}

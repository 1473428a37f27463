import { EtalonError, type Random } from '../../base/index.ts';

/**
 * The links of a hierarchical graph in flat arrays. Layer 0 has a slot for every row, higher layers one for each row that reaches
 * them: `upper` holds a row's slots of layers 1, 2, … one after another. A slot is the number of links, then the linked rows.
 */
export interface Layers {
  /** Links that a row may have on layer 0 (2 M) and on higher ones (M). */
  readonly width0: number;
  readonly width: number;
  /** [rows] the highest layer of each row. */
  readonly levels: Uint8Array;
  /** [rows, 1 + width0] */
  readonly ground: Int32Array;
  /** [rows] where a row's first slot begins in `upper`. */
  readonly upperStarts: Uint32Array;
  /** [Σ levels, 1 + width] */
  readonly upper: Int32Array;
}

const MAX_LEVEL = 30;

/** Empty layers for `count` rows; each row's level is ⌊−ln U ÷ ln M⌋ (Malkov & Yashunin 2018, §4.1). */
export function emptyLayers(count: number, m: number, random: Random): Layers {
  const [width0, width] = [2 * m, m];
  if (count * (1 + width0) > 2 ** 32)
    throw new EtalonError('input', `${count} vectors with ${width0} links each are too many for one index.`, {
      remedy: 'Split them into shards, or use a smaller M.',
    });
  const levels = new Uint8Array(count);
  const upperStarts = new Uint32Array(count);
  let slots = 0;
  for (let row = 0; row < count; row++) {
    levels[row] = Math.min(MAX_LEVEL, Math.floor(-Math.log(1 - random.uniform()) / Math.log(m)));
    upperStarts[row] = slots * (1 + width);
    slots += levels[row];
  }
  return {
    width0,
    width,
    levels,
    ground: new Int32Array(count * (1 + width0)),
    upperStarts,
    upper: new Int32Array(slots * (1 + width)),
  };
}

export function linksOf(layers: Layers, level: number): Int32Array {
  return level === 0 ? layers.ground : layers.upper;
}

/** Where the slot of a row on a layer begins in {@link linksOf} that layer. */
export function slotOf(layers: Layers, row: number, level: number): number {
  if (level === 0) return row * (1 + layers.width0);
  return layers.upperStarts[row] + (level - 1) * (1 + layers.width);
}

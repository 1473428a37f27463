import type { Map as MapLibre } from 'maplibre-gl';
import { useEffect, useRef } from 'react';
import type { ShownLayer } from './layers.ts';
import { layerClass } from './ramp.ts';
import { ROADS_SOURCE, SEGMENTS } from './style.ts';

/** States set in one frame: few enough that a frame's work stays far below 100 ms in software rendering. */
const CHUNK = 1_500;

/**
 * Gives every segment the class of its value as feature state, a chunk per frame. Only what has
 * changed is set, so a five-minute step touches a small part of the network.
 */
export class SegmentColours {
  private readonly map: MapLibre;
  private shown = new Int8Array(0);
  private frame = 0;

  constructor(map: MapLibre) {
    this.map = map;
  }

  show(values: Float32Array, breaks: readonly number[]): void {
    cancelAnimationFrame(this.frame);
    const fresh = this.shown.length !== values.length;
    if (fresh) this.forget(values.length);
    const wanted = Int8Array.from(values, (value) => layerClass(value, breaks));
    const changed: number[] = [];
    for (let id = 0; id < wanted.length; id++) if (wanted[id] !== this.shown[id]) changed.push(id);
    let at = 0;
    const step = () => {
      const end = Math.min(at + CHUNK, changed.length);
      for (; at < end; at++) {
        const id = changed[at]!;
        this.shown[id] = wanted[id]!;
        this.map.setFeatureState({ source: ROADS_SOURCE, sourceLayer: SEGMENTS, id }, { k: wanted[id] });
      }
      if (at < changed.length) this.frame = requestAnimationFrame(step);
    };
    step();
  }

  /** After new roads: what the map was told belongs to other segments. */
  forget(length = 0): void {
    cancelAnimationFrame(this.frame);
    if (this.shown.length > 0) this.map.removeFeatureState({ source: ROADS_SOURCE, sourceLayer: SEGMENTS });
    this.shown = new Int8Array(length).fill(-2);
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
  }
}

/** Colours a map's segments by the values of a layer. `roadsVersion`: which roads the map shows. */
export function useSegmentColours(
  map: MapLibre | null,
  shown: ShownLayer | null,
  roadsVersion: number,
): void {
  const colours = useRef<SegmentColours | null>(null);
  useEffect(() => {
    if (!map) return;
    const made = new SegmentColours(map);
    colours.current = made;
    return () => made.stop();
  }, [map]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: states belong to one version of the roads
  useEffect(() => {
    if (!map) return;
    if (shown) colours.current?.show(shown.values, shown.breaks);
    else colours.current?.forget();
  }, [map, shown, roadsVersion]);
}

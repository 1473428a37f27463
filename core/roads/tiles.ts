import { type GeoJSONVTTile, geoJSONToTile } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import Flatbush from 'flatbush';
import type { Feature } from 'geojson';
import { EtalonError } from '../base/index.ts';
import { ROAD_CLASSES, type RoadClass, type RoadNetwork } from './network.ts';

const EXTENT = 4096;
/** Units around a tile that it has, too, so that wide lines do not end at its edge. */
const BUFFER = 64;
/** From here on, lines keep all of their points. */
const DETAIL_ZOOM = 16;
const MAX_ZOOM = 24;

/** The least important class that is drawn from each zoom on; what is smaller would be a grey smear there. */
const THINNING: readonly { fromZoom: number; least: RoadClass }[] = [
  { fromZoom: 13, least: 'service' },
  { fromZoom: 11, least: 'unclassified' },
  { fromZoom: 0, least: 'secondary' },
];

/**
 * Vector tiles (MVT 2) of a road network, cut when they are asked for. Layer `segments` has a line for each segment
 * with the segment's index as its feature id, `c` the index of its road class, `n` its name where it has one, `o` = 1
 * where there is no opposite direction and `l` = 0 on the second of two opposite segments, as the first carries the label;
 * it is thinned by class at low zooms. Layers `water` and `parks` are there where the network knows them.
 */
export class TileSource {
  readonly #network: RoadNetwork;
  /** Boxes of the segments in degrees. A tile is cut from what lies in it, without a pyramid of tiles above it. */
  readonly #boxes: Flatbush;
  readonly #areas: readonly { layer: string; features: Feature[] }[];

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#boxes = segmentBoxes(network);
    this.#areas = [
      { layer: 'water', features: network.water?.map(ringFeature) ?? [] },
      { layer: 'parks', features: network.parks?.map(ringFeature) ?? [] },
    ];
  }

  /** The tile's bytes, not compressed; null where there is nothing. Throws `usage` for what is no tile. */
  tile(z: number, x: number, y: number): Uint8Array | null {
    checkAddress(z, x, y);
    const segments = { layer: 'segments', features: this.#segmentsIn(z, x, y) };
    const layers: Record<string, GeoJSONVTTile> = {};
    for (const { layer, features } of [...this.#areas, segments]) {
      const tile = cutTile(features, z, x, y);
      if (tile.features.length > 0) layers[layer] = tile;
    }
    if (Object.keys(layers).length === 0) return null;
    return fromGeojsonVt(layers, { version: 2, extent: EXTENT });
  }

  #segmentsIn(z: number, x: number, y: number): Feature[] {
    const { roadClass } = this.#network;
    const level = THINNING.find(({ fromZoom }) => z >= fromZoom)!;
    const least = ROAD_CLASSES.indexOf(level.least);
    const margin = BUFFER / EXTENT;
    return this.#boxes
      .search(
        longitude(z, x - margin),
        latitude(z, y + 1 + margin),
        longitude(z, x + 1 + margin),
        latitude(z, y - margin),
        (segment) => roadClass[segment] <= least,
      )
      .sort((a, b) => a - b)
      .map((segment) => segmentFeature(this.#network, segment));
  }
}

function cutTile(features: Feature[], z: number, x: number, y: number): GeoJSONVTTile {
  return geoJSONToTile({ type: 'FeatureCollection', features }, z, x, y, {
    maxZoom: DETAIL_ZOOM,
    extent: EXTENT,
    buffer: BUFFER,
    clip: true,
  });
}

function segmentBoxes({ segmentCount, geometryOffsets, coordinates }: RoadNetwork): Flatbush {
  const boxes = new Flatbush(segmentCount || 1);
  for (let s = 0; s < segmentCount; s++) {
    let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let p = geometryOffsets[s]; p < geometryOffsets[s + 1]; p++) {
      west = Math.min(west, coordinates[2 * p]);
      east = Math.max(east, coordinates[2 * p]);
      south = Math.min(south, coordinates[2 * p + 1]);
      north = Math.max(north, coordinates[2 * p + 1]);
    }
    boxes.add(west, south, east, north);
  }
  // An index needs something in it: a network without roads gets a box that no search meets.
  if (segmentCount === 0) boxes.add(Infinity, Infinity, Infinity, Infinity);
  boxes.finish();
  return boxes;
}

function segmentFeature(network: RoadNetwork, segment: number): Feature {
  const { geometryOffsets, coordinates } = network;
  const line: [number, number][] = [];
  for (let p = geometryOffsets[segment]; p < geometryOffsets[segment + 1]; p++)
    line.push([coordinates[2 * p], coordinates[2 * p + 1]]);
  return {
    type: 'Feature',
    id: segment,
    properties: segmentProperties(network, segment),
    geometry: { type: 'LineString', coordinates: line },
  };
}

function segmentProperties(network: RoadNetwork, segment: number): Record<string, number | string> {
  const name = network.names[network.nameIndex[segment]];
  const opposite = network.reverse[segment];
  return {
    c: network.roadClass[segment],
    ...(name !== '' && { n: name }),
    ...(opposite < 0 && { o: 1 }),
    // Only sensors have weights of turns: their segments are too short to be seen in a whole city.
    ...(network.turnWeight && { d: 1 }),
    ...(opposite >= 0 && opposite < segment && { l: 0 }),
  };
}

function ringFeature(ring: readonly (readonly [number, number])[]): Feature {
  const closed = [...ring, ring[0]].map(([lon, lat]) => [lon, lat]);
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [closed] } };
}

/** Of the line between two columns of tiles, in degrees (web mercator). */
function longitude(z: number, x: number): number {
  return (x / 2 ** z) * 360 - 180;
}

/** Of the line between two rows of tiles. */
function latitude(z: number, y: number): number {
  return (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI;
}

function checkAddress(z: number, x: number, y: number): void {
  const isWithin = (value: number, end: number) => Number.isInteger(value) && value >= 0 && value < end;
  if (!isWithin(z, MAX_ZOOM + 1) || !isWithin(x, 2 ** z) || !isWithin(y, 2 ** z))
    throw new EtalonError('usage', `There is no tile ${z}/${x}/${y}.`, {
      remedy: `Give a zoom of 0 to ${MAX_ZOOM}, and x and y from 0 to 2^zoom − 1.`,
    });
}

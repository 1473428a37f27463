import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { describe, expect, it } from 'vitest';
import { ROAD_CLASSES, type RoadNetwork } from '../../core/roads/network.ts';
import { TileSource } from '../../core/roads/tiles.ts';
import { gridCity, sketchNetwork } from '../support/network.ts';

const decode = (bytes: Uint8Array) => new VectorTile(new PbfReader(bytes));
const city = gridCity({ rows: 30, columns: 30, origin: [8.68, 49.4] });

/** The tile of a point, fractions included (web mercator). */
function tileOf(z: number, [lon, lat]: [number, number]): [number, number] {
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  return [((lon + 180) / 360) * 2 ** z, ((1 - y / Math.PI) / 2) * 2 ** z];
}

function addressOf(z: number, point: [number, number]): [number, number] {
  const [x, y] = tileOf(z, point);
  return [Math.floor(x), Math.floor(y)];
}

const junction = (network: RoadNetwork, j: number): [number, number] => [
  network.junctionCoordinates[2 * j],
  network.junctionCoordinates[2 * j + 1],
];

const isOpposite = (network: RoadNetwork, s: number, other: number, from: number) =>
  from === network.toJunction[s] && network.toJunction[other] === network.fromJunction[s];

function featuresOf(bytes: Uint8Array | null) {
  const layer = decode(bytes!).layers.segments;
  return Array.from({ length: layer.length }, (_, i) => layer.feature(i));
}

describe('a tile', () => {
  it.each([13, 15, 17])(
    'has the segments that meet it at zoom %i, with their indices, classes and names',
    (z) => {
      const source = new TileSource(city);
      const [x, y] = addressOf(z, junction(city, 435));
      const margin = 64 / 4096;
      const expected = Array.from({ length: city.segmentCount }, (_, s) => s).filter((s) => {
        // Every street runs along a parallel or meridian: its box is itself.
        const [ax, ay] = tileOf(z, junction(city, city.fromJunction[s]));
        const [bx, by] = tileOf(z, junction(city, city.toJunction[s]));
        return (
          Math.max(ax, bx) >= x - margin &&
          Math.min(ax, bx) <= x + 1 + margin &&
          Math.max(ay, by) >= y - margin &&
          Math.min(ay, by) <= y + 1 + margin
        );
      });
      const features = featuresOf(source.tile(z, x, y));
      expect(features.map((feature) => feature.id)).toEqual(expected);
      for (const feature of features) {
        const s = feature.id!;
        const second = city.fromJunction
          .subarray(0, s)
          .some((from, other) => isOpposite(city, s, other, from));
        expect(feature.properties).toEqual({
          c: city.roadClass[s],
          n: city.names[city.nameIndex[s]],
          ...(second && { l: 0 }),
        });
        const geometry = feature.toGeoJSON(x, y, z).geometry;
        if (geometry.type !== 'LineString') throw new Error(geometry.type);
        // One unit of a tile, in degrees of longitude.
        const unit = 360 / 2 ** z / 4096;
        const line = city.coordinates.subarray(2 * city.geometryOffsets[s], 2 * city.geometryOffsets[s + 1]);
        const [west, east] = [Math.min(line[0], line[2]) - unit, Math.max(line[0], line[2]) + unit];
        const [south, north] = [Math.min(line[1], line[3]) - unit, Math.max(line[1], line[3]) + unit];
        for (const [lon, lat] of geometry.coordinates) {
          expect(lon).toBeGreaterThanOrEqual(west);
          expect(lon).toBeLessThanOrEqual(east);
          expect(lat).toBeGreaterThanOrEqual(south);
          expect(lat).toBeLessThanOrEqual(north);
        }
        // In driving order.
        const [first] = geometry.coordinates;
        const last = geometry.coordinates.at(-1)!;
        expect(Math.sign(Math.round((last[0] - first[0]) / unit / 4))).toBe(
          Math.sign(Math.round((line[2] - line[0]) / unit / 4)) || 0,
        );
      }
    },
  );

  it('is null where there is nothing', () => {
    const source = new TileSource(city);
    const [x, y] = addressOf(14, junction(city, 0));
    expect(source.tile(14, x, y)).not.toBeNull();
    expect(source.tile(14, x + 40, y)).toBeNull();
    expect(new TileSource(sketchNetwork([], [])).tile(0, 0, 0)).toBeNull();
  });

  it('leaves minor roads out at low zooms', () => {
    const corners: [number, number][] = [
      [8.68, 49.4],
      [8.72, 49.42],
    ];
    const network = sketchNetwork(
      corners,
      ROAD_CLASSES.map((roadClass) => ({ from: 0, to: 1, roadClass })),
    );
    const source = new TileSource(network);
    const classes = (z: number) =>
      featuresOf(source.tile(z, ...addressOf(z, corners[0]))).map(
        (feature) => ROAD_CLASSES[feature.properties.c as number],
      );
    expect(classes(9)).toEqual(['motorway', 'trunk', 'primary', 'secondary']);
    expect(classes(10)).toEqual(['motorway', 'trunk', 'primary', 'secondary']);
    expect(classes(11)).toEqual(['motorway', 'trunk', 'primary', 'secondary', 'tertiary', 'unclassified']);
    expect(classes(12)).toEqual(classes(11));
    expect(classes(13)).toEqual([...ROAD_CLASSES]);
    // No name, no property.
    expect(featuresOf(source.tile(13, ...addressOf(13, corners[0])))[0].properties).toEqual({ c: 0, o: 1 });
  });

  it('has water and parks where the network knows them', () => {
    const [lon, lat] = junction(city, 0);
    const square = (d: number): [number, number][] => [
      [lon, lat],
      [lon + d, lat],
      [lon + d, lat + d],
      [lon, lat + d],
    ];
    const source = new TileSource({ ...city, water: [square(0.01), square(0.002)], parks: [square(0.005)] });
    const tile = decode(source.tile(13, ...addressOf(13, [lon, lat]))!);
    expect(Object.keys(tile.layers).sort()).toEqual(['parks', 'segments', 'water']);
    expect(tile.layers.water.length).toBe(2);
    const geometry = tile.layers.parks.feature(0).toGeoJSON(...addressOf(13, [lon, lat]), 13).geometry;
    if (geometry.type !== 'Polygon') throw new Error(geometry.type);
    expect(geometry.coordinates[0]).toHaveLength(5);
    const away = decode(source.tile(16, ...addressOf(16, junction(city, 899)))!);
    expect(Object.keys(away.layers)).toEqual(['segments']);
  });

  it('is refused outside of the world', () => {
    const source = new TileSource(city);
    for (const [z, x, y] of [
      [-1, 0, 0],
      [25, 0, 0],
      [2, 4, 0],
      [2, 0, -1],
      [2, 0.5, 0],
      [Number.NaN, 0, 0],
    ])
      expect(() => source.tile(z, x, y)).toThrow(`There is no tile ${z}/${x}/${y}`);
  });
});

/** Road classes in order of importance, after OSM's `highway` values; a `_link` shares its road's class. */
export const ROAD_CLASSES = [
  'motorway',
  'trunk',
  'primary',
  'secondary',
  'tertiary',
  'unclassified',
  'residential',
  'living_street',
  'service',
] as const;
export type RoadClass = (typeof ROAD_CLASSES)[number];

export const SURFACES = ['unknown', 'paved', 'unpaved'] as const;
export type Surface = (typeof SURFACES)[number];

/** Bits of {@link RoadNetwork.flags}. */
export const SEGMENT_FLAGS = {
  bridge: 1,
  tunnel: 2,
  toll: 4,
  roundabout: 8,
  /** Traffic signals at (or shortly before) the segment's end. */
  signal: 16,
  /** A ramp or slip road (`highway=*_link`). */
  link: 32,
  /** Traffic may drive in this direction only. */
  oneway: 64,
  /** The speed limit stands in the source; where this bit is clear, it is the class's default. */
  speedTagged: 128,
  /** Drives against the direction in which its way is drawn. */
  againstWay: 256,
} as const;

/** By the signed change of bearing: straight under 20°, slight under 50°, sharp over 120°, U-turn over 170°. */
export const TURN_CLASSES = [
  'straight',
  'slightLeft',
  'left',
  'sharpLeft',
  'slightRight',
  'right',
  'sharpRight',
  'uTurn',
] as const;
export type TurnClass = (typeof TURN_CLASSES)[number];

/**
 * A directed road network as columns. A segment is one direction of a road between two junctions; `S` is
 * their count. A turn leads from one segment onto another that begins where the first ends; `T` is their count.
 */
export interface RoadNetwork {
  readonly segmentCount: number;
  /** [S] the identifier that the source and the trips use (OSMnx `fid`, or `way/first-node/last-node` of OSM). Unique. */
  readonly refs: readonly string[];
  /** [S] OSM way id, or 0. */
  readonly wayIds: Float64Array;
  /** [S] junction indices. */
  readonly fromJunction: Int32Array;
  readonly toJunction: Int32Array;
  /** [S] the segment of the same road in the opposite direction, or −1. */
  readonly reverse: Int32Array;
  /** [S] metres along the geometry, on the WGS 84 ellipsoid, or as the source says. */
  readonly lengthM: Float32Array;
  /** [S] index into {@link ROAD_CLASSES}. */
  readonly roadClass: Uint8Array;
  /** [S] legal limit in km/h, tagged or the class's default. */
  readonly speedLimitKmh: Float32Array;
  /** [S] lanes in this direction; 0 when unknown. */
  readonly lanes: Uint8Array;
  /** [S] index into {@link SURFACES}. */
  readonly surface: Uint8Array;
  /** [S] bits of {@link SEGMENT_FLAGS}. */
  readonly flags: Uint16Array;
  /** [S] index into `names`; names[0] is the empty string. */
  readonly nameIndex: Int32Array;
  readonly names: readonly string[];
  /** [S + 1] first point of each segment in `coordinates`, counted in points. */
  readonly geometryOffsets: Uint32Array;
  /** longitude, latitude, longitude, latitude … in degrees, in driving order. */
  readonly coordinates: Float64Array;
  /** [points] the OSM node at each point of `coordinates`; present where the roads were read from an OSM file. */
  readonly pointNodeIds?: Float64Array;

  readonly junctionCount: number;
  /** [2 · J] longitude, latitude of each junction. */
  readonly junctionCoordinates: Float64Array;

  readonly turnCount: number;
  /** [T] sorted by `turnFrom`, then `turnTo`. */
  readonly turnFrom: Int32Array;
  readonly turnTo: Int32Array;
  /** [T] signed change of bearing in degrees, right positive, in (−180, 180]. */
  readonly turnAngleDeg: Float32Array;
  /** [T] index into {@link TURN_CLASSES}. */
  readonly turnClass: Uint8Array;
  /** [T] bit 1: signals at the junction; bit 2: both segments carry the same road (name or way). */
  readonly turnFlags: Uint8Array;
  /** [S + 1] CSR: the turns that leave segment s are turnOffsets[s] … turnOffsets[s + 1] − 1. */
  readonly turnOffsets: Uint32Array;

  /**
   * [T] of a sensor network only: how near the two sensors are on the road, in (0, 1], as its adjacency matrix says. There turns
   * lead from sensor to sensor and do not pass through a common junction.
   */
  readonly turnWeight?: Float32Array;

  /** Present with generated or zoned data: nothing else of the source is kept. */
  readonly water?: readonly (readonly [number, number])[][];
  readonly parks?: readonly (readonly [number, number])[][];
}

export const TURN_FLAGS = { signal: 1, sameRoad: 2 } as const;

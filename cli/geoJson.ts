import { writeText } from './writeText.ts';

export interface Feature {
  type: 'Feature';
  properties: object;
  geometry: { type: string; coordinates: unknown };
}

export function feature(type: string, coordinates: unknown, properties: object): Feature {
  return { type: 'Feature', properties, geometry: { type, coordinates } };
}

/** One feature a line. Throws `input` where the file cannot be written. */
export function writeGeoJson(path: string, features: readonly Feature[]): void {
  const lines = features.map((each) => JSON.stringify(each)).join(',\n');
  writeText(path, `{"type":"FeatureCollection","features":[\n${lines}\n]}\n`);
}

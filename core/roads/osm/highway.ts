import { ROAD_CLASSES, type RoadClass } from '../network.ts';

const CLASSES: ReadonlySet<string> = new Set(ROAD_CLASSES);
const LINKS: ReadonlySet<string> = new Set(['motorway', 'trunk', 'primary', 'secondary', 'tertiary']);
/** Roads that cannot be driven (yet, or any more). */
const UNBUILT: ReadonlySet<string> = new Set([
  'construction',
  'proposed',
  'planned',
  'abandoned',
  'disused',
  'razed',
  'demolished',
]);

/** The class of a `highway` value that cars use, or what kind of other thing it is. */
export function parseHighway(
  value: string,
): { roadClass: RoadClass; link: boolean } | 'unbuilt' | 'not-for-cars' {
  if (CLASSES.has(value)) return { roadClass: value as RoadClass, link: false };
  // A road that its mapper could not class.
  if (value === 'road') return { roadClass: 'unclassified', link: false };
  const base = value.endsWith('_link') ? value.slice(0, -'_link'.length) : '';
  if (LINKS.has(base)) return { roadClass: base as RoadClass, link: true };
  return UNBUILT.has(value) ? 'unbuilt' : 'not-for-cars';
}

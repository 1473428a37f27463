import type { DirectionAttributes, RoadAttributes } from '../attributes.ts';
import type { Surface } from '../network.ts';
import { carAccess, hasConditionalAccess } from './access.ts';
import type { Tags } from './elements.ts';
import { parseHighway } from './highway.ts';
import { defaultSpeedKmh, parseMaxspeedKmh } from './maxspeed.ts';

export const WAY_DROPS = {
  'not-for-cars': 'ways of a highway class that cars do not use',
  unbuilt: 'roads under construction, proposed or given up',
  'no-access': 'roads that cars may not use (access, vehicle, motor_vehicle, motorcar)',
  'minor-service': 'parking aisles, driveways, drive-throughs and emergency lanes',
  area: 'areas, which have no direction',
  reversible: 'lanes whose direction changes with the time of day',
} as const;
export type WayDrop = keyof typeof WAY_DROPS;

/** Alleys and plain service roads lead somewhere; these only lead to a car's place. */
const MINOR_SERVICE: ReadonlySet<string> = new Set([
  'parking_aisle',
  'parking',
  'driveway',
  'drive-through',
  'emergency_access',
]);
/** More lanes than this in one direction is a slip of the pen. */
const MAX_LANES = 15;

/** Receives what was guessed, ignored or not understood. */
export type Notice = (description: string) => void;

/** Reads the tags of a way with a `highway` key as a car driver would, or says why it is no road for cars. */
export function wayAttributes(tags: Tags, tell: Notice): RoadAttributes | WayDrop {
  const notice = once(tell);
  const highway = parseHighway(tags.get('highway') ?? '');
  if (typeof highway === 'string') return highway;
  if (tags.get('area') === 'yes') return 'area';
  if (highway.roadClass === 'service' && MINOR_SERVICE.has(tags.get('service') ?? '')) return 'minor-service';
  const access = carAccess(tags);
  if (!access.forward && !access.backward) return 'no-access';
  if (hasConditionalAccess(tags)) notice('Ways with access on conditions, which are not obeyed');

  const junction = tags.get('junction');
  const roundabout = junction === 'roundabout' || junction === 'circular';
  const implied = roundabout || highway.roadClass === 'motorway';
  const oneway = onewayOf(tags, implied, notice);
  if (oneway === 'reversible') return 'reversible';
  const forward = oneway !== 'backward' && access.forward;
  const backward = oneway !== 'forward' && access.backward;
  if (!forward && !backward) return 'no-access';

  const direction = (suffix: string): DirectionAttributes => ({
    ...speedLimit(tags, suffix, highway, notice),
    lanes: lanesOf(tags, suffix, forward && backward, notice),
  });
  return {
    ...highway,
    roundabout,
    surface: parseSurface(tags.get('surface')),
    bridge: isSet(tags.get('bridge')),
    tunnel: isTunnel(tags.get('tunnel')),
    toll: isSet(tags.get('toll')),
    name: tags.get('name') ?? tags.get('ref') ?? '',
    ...(forward && { forward: direction(':forward') }),
    ...(backward && { backward: direction(':backward') }),
  };
}

/** Both directions may have the same to say. */
function once(tell: Notice): Notice {
  const told = new Set<string>();
  return (description) => {
    if (!told.has(description)) tell(description);
    told.add(description);
  };
}

const ONEWAY: Readonly<Record<string, 'forward' | 'backward' | 'both' | 'reversible'>> = {
  yes: 'forward',
  true: 'forward',
  '1': 'forward',
  '-1': 'backward',
  reverse: 'backward',
  no: 'both',
  false: 'both',
  '0': 'both',
  alternating: 'both',
  reversible: 'reversible',
};

function onewayOf(tags: Tags, implied: boolean, notice: Notice): (typeof ONEWAY)[string] {
  const value =
    tags.get('oneway:motorcar') ??
    tags.get('oneway:motor_vehicle') ??
    tags.get('oneway:vehicle') ??
    tags.get('oneway');
  if (tags.has('oneway:conditional')) notice('Ways with oneway on conditions, which are not obeyed');
  const known = value === undefined ? undefined : ONEWAY[value.toLowerCase()];
  if (value !== undefined && !known) notice(`Ways with oneway=${value}, which is not understood`);
  return known ?? (implied ? 'forward' : 'both');
}

function speedLimit(
  tags: Tags,
  suffix: string,
  { roadClass, link }: Pick<RoadAttributes, 'roadClass' | 'link'>,
  notice: Notice,
): Pick<DirectionAttributes, 'speedLimitKmh' | 'speedTagged'> {
  const keys = [
    `maxspeed:motorcar${suffix}`,
    'maxspeed:motorcar',
    `maxspeed${suffix}`,
    'maxspeed',
    'maxspeed:type',
    'source:maxspeed',
    'zone:maxspeed',
    'zone:traffic',
  ];
  for (const key of keys) {
    const value = tags.get(key);
    if (value === undefined) continue;
    const kmh = parseMaxspeedKmh(value);
    if (typeof kmh === 'number') return { speedLimitKmh: kmh, speedTagged: true };
    if (key.startsWith('maxspeed') && key !== 'maxspeed:type')
      notice(
        kmh === 'variable'
          ? 'Ways whose speed limit varies, given the default of their class'
          : 'Ways with a speed limit that is not understood, given the default of their class',
      );
  }
  return { speedLimitKmh: defaultSpeedKmh(roadClass, link), speedTagged: false };
}

function lanesOf(tags: Tags, suffix: string, twoWay: boolean, notice: Notice): number {
  const own = parseLanes(tags.get(`lanes${suffix}`));
  const total = parseLanes(tags.get('lanes'));
  const opposite = parseLanes(tags.get(suffix === ':forward' ? 'lanes:backward' : 'lanes:forward'));
  const shared = parseLanes(tags.get('lanes:both_ways'));
  let lanes = own;
  if (lanes === 0 && total > 0) {
    if (!twoWay) lanes = total;
    else if (opposite > 0) lanes = Math.max(1, total - opposite - shared);
    else lanes = Math.max(1, Math.floor((total - shared) / 2));
  }
  if (lanes <= MAX_LANES) return lanes;
  notice(`Ways with more than ${MAX_LANES} lanes in a direction, taken as unknown`);
  return 0;
}

/** A whole number of lanes, of several values the lowest; 0 when unknown. */
export function parseLanes(text: string | undefined): number {
  if (text === undefined) return 0;
  const numbers = text
    .split(/[;|]/)
    .map(Number)
    .filter((value) => value >= 1);
  return numbers.length === 0 ? 0 : Math.floor(Math.min(...numbers));
}

/** A structure's tag: any value but `no`. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && !['no', 'false', '0', 'none'].includes(value.toLowerCase());
}

/** A culvert lies under the road: it is no tunnel for cars. */
export function isTunnel(value: string | undefined): boolean {
  return value !== 'culvert' && isSet(value);
}

const PAVED =
  /^(paved|asphalt|chipseal|concrete(:.*)?|paving_stones(:.*)?|sett|unhewn_cobblestone|cobblestone(:.*)?|bricks?|metal|metal_grid|wood|tartan|rubber|plastic|stone)$/;
const UNPAVED =
  /^(unpaved|compacted|(fine_)?gravel|shells|rock|pebblestone|ground|dirt(\/sand)?|earth|grass|grass_paver|mud|sand|woodchips|snow|ice|salt|clay|soil)$/;

export function parseSurface(value: string | undefined): Surface {
  const first = value?.split(';')[0].trim();
  if (first && PAVED.test(first)) return 'paved';
  return first && UNPAVED.test(first) ? 'unpaved' : 'unknown';
}

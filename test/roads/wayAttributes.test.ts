import { describe, expect, it } from 'vitest';
import { parseMaxspeedKmh } from '../../core/roads/osm/maxspeed.ts';
import { parseLanes, parseSurface, wayAttributes } from '../../core/roads/osm/wayAttributes.ts';

/** Attributes of a way and what was said about it. */
function read(tags: Record<string, string>) {
  const notes: string[] = [];
  const attributes = wayAttributes(new Map(Object.entries(tags)), (text) => notes.push(text));
  return { attributes, notes };
}

/** '→' forward only, '←' backward only, '↔' both, or the reason for which it was dropped. */
function direction(tags: Record<string, string>): string {
  const { attributes } = read({ highway: 'residential', ...tags });
  if (typeof attributes === 'string') return attributes;
  return attributes.forward ? (attributes.backward ? '↔' : '→') : '←';
}

function road(tags: Record<string, string>) {
  const { attributes } = read({ highway: 'residential', ...tags });
  if (typeof attributes === 'string') throw new Error(`dropped: ${attributes}`);
  return attributes;
}

describe('speed limits', () => {
  it.each<[string, number | 'variable' | undefined]>([
    ['50', 50],
    ['50 km/h', 50],
    ['50kmh', 50],
    ['30 mph', 48.28032],
    ['30mph', 48.28032],
    ['5 knots', 9.26],
    ['none', 130],
    ['walk', 7],
    ['DE:urban', 50],
    ['DE:rural', 100],
    ['DE:motorway', 130],
    ['FR:rural', 80],
    ['RO:urban', 50],
    ['RO:rural', 90],
    ['RU:urban', 60],
    ['GB:nsl_single', 96.56064],
    ['GB:nsl_dual', 112.65408],
    ['BE-VLG:rural', 70],
    ['BE-BRU:urban', 30],
    ['DE:zone30', 30],
    ['DE:zone:30', 30],
    ['AT:30', 30],
    ['GB:20mph', 32.18688],
    ['DE:walk', 7],
    ['XX:urban', 50],
    ['80;60', 60],
    ['signals', 'variable'],
    ['variable', 'variable'],
    ['fast', undefined],
    ['0', undefined],
    ['-20', undefined],
    ['', undefined],
  ])('%s', (text, kmh) => {
    const parsed = parseMaxspeedKmh(text);
    if (typeof kmh === 'number') expect(parsed).toBeCloseTo(kmh, 6);
    else expect(parsed).toBe(kmh);
  });

  it('differ by direction where the tags say so', () => {
    const { forward, backward } = road({ maxspeed: '50', 'maxspeed:backward': '30' });
    expect([forward?.speedLimitKmh, backward?.speedLimitKmh]).toEqual([50, 30]);
  });

  it('come from the zone, else from the class, and say which', () => {
    expect(road({ 'source:maxspeed': 'DE:rural' }).forward).toMatchObject({
      speedLimitKmh: 100,
      speedTagged: true,
    });
    expect(road({ 'source:maxspeed': 'sign' }).forward).toMatchObject({
      speedLimitKmh: 40,
      speedTagged: false,
    });
    expect(road({ highway: 'motorway' }).forward).toMatchObject({ speedLimitKmh: 120, speedTagged: false });
    expect(road({ highway: 'motorway_link' }).forward).toMatchObject({ speedLimitKmh: 60 });
  });

  it('that vary or make no sense are reported once and replaced', () => {
    const variable = read({ highway: 'residential', maxspeed: 'signals' });
    expect(variable.notes).toHaveLength(1);
    expect(variable.attributes).toMatchObject({ forward: { speedLimitKmh: 40, speedTagged: false } });
    expect(read({ highway: 'residential', maxspeed: 'fast' }).notes).toHaveLength(1);
  });
});

describe('direction of traffic', () => {
  it.each<[Record<string, string>, string]>([
    [{}, '↔'],
    [{ oneway: 'yes' }, '→'],
    [{ oneway: 'true' }, '→'],
    [{ oneway: '1' }, '→'],
    [{ oneway: '-1' }, '←'],
    [{ oneway: 'reverse' }, '←'],
    [{ oneway: 'no' }, '↔'],
    [{ oneway: 'reversible' }, 'reversible'],
    [{ junction: 'roundabout' }, '→'],
    [{ junction: 'circular' }, '→'],
    [{ junction: 'roundabout', oneway: '-1' }, '←'],
    [{ highway: 'motorway' }, '→'],
    [{ highway: 'motorway_link' }, '→'],
    [{ highway: 'motorway_link', oneway: 'no' }, '↔'],
    [{ highway: 'trunk' }, '↔'],
    [{ oneway: 'yes', 'oneway:motor_vehicle': 'no' }, '↔'],
    [{ oneway: 'yes', 'oneway:bicycle': 'no' }, '→'],
    [{ 'motor_vehicle:backward': 'no' }, '→'],
    [{ 'vehicle:forward': 'no' }, '←'],
    [{ oneway: 'yes', 'motor_vehicle:forward': 'no' }, 'no-access'],
  ])('%o is %s', (tags, expected) => expect(direction(tags)).toBe(expected));
});

describe('access for cars', () => {
  it.each<[Record<string, string>, string]>([
    [{ access: 'no' }, 'no-access'],
    [{ access: 'private' }, 'no-access'],
    [{ access: 'destination' }, '↔'],
    [{ access: 'permit' }, '↔'],
    [{ access: 'permissive' }, '↔'],
    [{ access: 'no', motor_vehicle: 'yes' }, '↔'],
    [{ access: 'yes', vehicle: 'no' }, 'no-access'],
    [{ vehicle: 'no', motorcar: 'yes' }, '↔'],
    [{ motor_vehicle: 'yes', motorcar: 'no' }, 'no-access'],
    [{ motor_vehicle: 'agricultural;forestry' }, 'no-access'],
    [{ motor_vehicle: 'agricultural;destination' }, '↔'],
    [{ highway: 'footway' }, 'not-for-cars'],
    [{ highway: 'pedestrian' }, 'not-for-cars'],
    [{ highway: 'cycleway', motor_vehicle: 'yes' }, 'not-for-cars'],
    [{ highway: 'construction', construction: 'primary' }, 'unbuilt'],
    [{ highway: 'proposed' }, 'unbuilt'],
    [{ highway: 'service' }, '↔'],
    [{ highway: 'service', service: 'alley' }, '↔'],
    [{ highway: 'service', service: 'parking_aisle' }, 'minor-service'],
    [{ highway: 'service', service: 'driveway' }, 'minor-service'],
    [{ area: 'yes' }, 'area'],
  ])('%o is %s', (tags, expected) => expect(direction(tags)).toBe(expected));

  it('on conditions is reported, not obeyed', () => {
    const { attributes, notes } = read({ highway: 'primary', 'access:conditional': 'no @ (Mo-Fr)' });
    expect(attributes).toMatchObject({ roadClass: 'primary' });
    expect(notes).toHaveLength(1);
  });
});

describe('lanes', () => {
  it.each<[Record<string, string>, [number, number?]]>([
    [{ lanes: '4' }, [2, 2]],
    [{ lanes: '3' }, [1, 1]],
    [{ lanes: '1' }, [1, 1]],
    [{ lanes: '3', oneway: 'yes' }, [3]],
    [{ lanes: '5', 'lanes:forward': '3', 'lanes:backward': '2' }, [3, 2]],
    [{ lanes: '3', 'lanes:forward': '2' }, [2, 1]],
    [{ lanes: '5', 'lanes:both_ways': '1' }, [2, 2]],
    [{ lanes: 'two' }, [0, 0]],
    [{ lanes: '120' }, [0, 0]],
    [{}, [0, 0]],
  ])('%o', (tags, [forward, backward]) => {
    const attributes = road(tags);
    expect(attributes.forward?.lanes).toBe(forward);
    expect(attributes.backward?.lanes).toBe(backward);
  });

  it('of several values are the fewest', () => expect(parseLanes('3;2')).toBe(2));
});

it('class, structures, surface and name', () => {
  expect(road({ highway: 'primary_link', ref: 'B 3' })).toMatchObject({
    roadClass: 'primary',
    link: true,
    name: 'B 3',
  });
  expect(road({ highway: 'road' })).toMatchObject({ roadClass: 'unclassified', link: false });
  expect(road({ name: 'Main', ref: 'B 3', bridge: 'viaduct', tunnel: 'no', toll: 'yes' })).toMatchObject({
    name: 'Main',
    bridge: true,
    tunnel: false,
    toll: true,
  });
  expect(road({ tunnel: 'culvert' }).tunnel).toBe(false);
  expect(['asphalt', 'sett', 'gravel', 'concrete:plates', 'cheese', undefined].map(parseSurface)).toEqual([
    'paved',
    'paved',
    'unpaved',
    'paved',
    'unknown',
    'unknown',
  ]);
});

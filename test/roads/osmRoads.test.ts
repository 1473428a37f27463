import geodesic from 'geographiclib-geodesic';
import { describe, expect, it } from 'vitest';
import { SEGMENT_FLAGS, TURN_CLASSES, TURN_FLAGS } from '../../core/roads/index.ts';
import { node, readCity, restriction, way } from '../support/osmCity.ts';

/**
 *        4
 *        |
 *  1 --- 2 --- 3      1-2 is way 12, and so on
 *        |
 *        5
 */
const crossing = {
  nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 2, 0), node(4, 1, 1), node(5, 1, -1)],
  ways: [way(12, [1, 2]), way(23, [2, 3]), way(24, [2, 4]), way(25, [2, 5])],
};

describe('splitting', () => {
  it('cuts ways where they meet and makes a segment per direction', async () => {
    const { refs, network } = await readCity({
      nodes: [...crossing.nodes, node(6, 0.5, 0)],
      ways: [way(10, [1, 6, 2, 3]), way(20, [4, 2, 5])],
    });
    expect([...refs].sort()).toEqual(
      ['10/1/2', '10/2/1', '10/2/3', '10/3/2', '20/2/4', '20/4/2', '20/2/5', '20/5/2'].sort(),
    );
    expect(network.junctionCount).toBe(5);
    const through = refs.indexOf('10/1/2');
    const points = network.coordinates.subarray(
      2 * network.geometryOffsets[through],
      2 * network.geometryOffsets[through + 1],
    );
    expect([...points]).toEqual([8, 49, 8.0005, 49, 8.001, 49]);
    const exact = geodesic.Geodesic.WGS84.Inverse(49, 8, 49, 8.001).s12!;
    expect(network.lengthM[through]).toBeCloseTo(exact, 2);
    expect(refs[network.reverse[through]]).toBe('10/2/1');
  });

  it('does not cut where a road only touches a way that is no road', async () => {
    const { refs } = await readCity({
      nodes: crossing.nodes,
      ways: [way(10, [1, 2, 3]), way(20, [4, 2, 5], { highway: 'footway' })],
    });
    expect([...refs].sort()).toEqual(['10/1/3', '10/3/1']);
  });

  it('cuts a way that crosses itself, and names its parallel pieces apart', async () => {
    const { refs } = await readCity({
      nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 2, 1), node(4, 2, -1), node(5, 3, 0)],
      // 1-2, then from 2 to 5 by 3 and by 4.
      ways: [way(7, [1, 2, 3, 5, 4, 2])],
    });
    expect([...refs].sort()).toEqual(['7/1/2', '7/2/1', '7/2/2', '7/2/2/2'].sort());
    const two = await readCity({
      nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 2, 1), node(4, 2, -1), node(5, 3, 0), node(6, 4, 0)],
      ways: [way(7, [1, 2, 3, 5, 4, 2]), way(8, [5, 6])],
    });
    expect(two.refs.filter((ref) => ref.startsWith('7/2/5')).sort()).toEqual(['7/2/5', '7/2/5/2']);
    expect(new Set(two.refs).size).toBe(two.refs.length);
  });

  it('gives a closed road on its own one junction', async () => {
    const { refs, network } = await readCity({
      nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 1, 1)],
      ways: [way(7, [1, 2, 3, 1], { junction: 'roundabout' })],
    });
    expect(refs).toEqual(['7/1/1']);
    expect(network.junctionCount).toBe(1);
    expect(network.flags[0] & SEGMENT_FLAGS.roundabout).toBeTruthy();
  });

  it('follows oneway=-1 against the drawing', async () => {
    const { refs, network } = await readCity({
      nodes: crossing.nodes,
      ways: [way(10, [1, 2, 3], { oneway: '-1' })],
    });
    expect(refs).toEqual(['10/3/1']);
    expect(network.coordinates[0]).toBe(8.002);
    expect(network.flags[0] & SEGMENT_FLAGS.oneway).toBeTruthy();
    expect(network.reverse[0]).toBe(-1);
  });

  it('interrupts a way where the file lacks a node, and says so', async () => {
    const { refs, report } = await readCity({
      nodes: [node(1, 0, 0), node(2, 1, 0), node(4, 3, 0), node(5, 4, 0)],
      ways: [way(7, [1, 2, 3, 4, 5]), way(8, [5, 6])],
    });
    expect([...refs].sort()).toEqual(['7/1/2', '7/2/1', '7/4/5', '7/5/4']);
    expect(report.dropped).toContainEqual(
      expect.objectContaining({ reason: 'missing-nodes', count: 1, examples: ['way 8'] }),
    );
    expect(report.notes).toContainEqual(expect.stringContaining('way 7'));
    expect(report.kept).toMatchObject({ ways: 1, nodes: 4, segments: 4 });
  });

  it('takes neighbours at the same place as one junction and drops what has no length', async () => {
    const { network, report } = await readCity({
      nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 1, 0), node(4, 2, 0)],
      ways: [way(7, [1, 2]), way(8, [2, 3]), way(9, [3, 4]), way(10, [4, 4])],
    });
    expect(network.junctionCount).toBe(3);
    expect(network.turnCount).toBe(4); // straight on both ways, and round at both ends
    expect(Math.min(...network.lengthM)).toBeGreaterThan(70);
    expect(report.dropped).toContainEqual(
      expect.objectContaining({ reason: 'zero-length', examples: ['way 8', 'way 10'] }),
    );
  });

  it('reports every way and relation that it left out', async () => {
    const { report } = await readCity({
      nodes: crossing.nodes,
      ways: [
        ...crossing.ways,
        way(12, [1, 2]),
        { id: 90, refs: [1, 4], tags: { building: 'yes' } },
        way(91, [1, 4], { highway: 'steps' }),
        way(92, [1, 4], { access: 'private' }),
      ],
      relations: [restriction(5, 'no_left_turn', [91, 2, 24])],
    });
    expect(report.read).toEqual({ nodes: 5, ways: 8, relations: 1 });
    expect(report.kept).toMatchObject({ ways: 4, segments: 8 });
    expect(Object.fromEntries(report.dropped.map(({ reason, count }) => [reason, count]))).toEqual({
      'duplicate-way': 1,
      'not-a-road': 1,
      'not-for-cars': 1,
      'no-access': 1,
      'restriction-off-network': 1,
    });
  });
});

describe('turns', () => {
  it('lead everywhere but back, and back at dead ends', async () => {
    const { turns, network, segment } = await readCity(crossing);
    expect(turns).toHaveLength(4 * 3 + 4);
    expect(turns).not.toContain('12/1/2 → 12/2/1');
    expect(turns).toContain('12/2/1 → 12/1/2');
    const kinds = new Map<string, [angle: number, kind: string]>();
    const from = segment('12/1/2');
    for (let turn = network.turnOffsets[from]; turn < network.turnOffsets[from + 1]; turn++)
      kinds.set(network.refs[network.turnTo[turn]], [
        Math.round(network.turnAngleDeg[turn]),
        TURN_CLASSES[network.turnClass[turn]],
      ]);
    expect(Object.fromEntries(kinds)).toEqual({
      '23/2/3': [0, 'straight'],
      '24/2/4': [-90, 'left'],
      '25/2/5': [90, 'right'],
    });
  });

  it.each<[angleDeg: number, kind: string]>([
    [15, 'straight'],
    [-15, 'straight'],
    [30, 'slightRight'],
    [-30, 'slightLeft'],
    [100, 'right'],
    [-100, 'left'],
    [150, 'sharpRight'],
    [-150, 'sharpLeft'],
    [175, 'uTurn'],
  ])('of %i° are %s', async (angleDeg, kind) => {
    const { lat2, lon2 } = geodesic.Geodesic.WGS84.Direct(49, 8.001, 90 + angleDeg, 100);
    const { network, segment } = await readCity({
      nodes: [node(1, 0, 0), node(2, 1, 0), { id: 3, lon: lon2!, lat: lat2! }],
      ways: [way(12, [1, 2], { oneway: 'yes' }), way(23, [2, 3], { oneway: 'yes' })],
    });
    const turn = network.turnOffsets[segment('12/1/2')];
    expect(network.turnAngleDeg[turn]).toBeCloseTo(angleDeg, 1);
    expect(TURN_CLASSES[network.turnClass[turn]]).toBe(kind);
  });

  it('know the same road by name and by way', async () => {
    const { network, refs } = await readCity({
      nodes: crossing.nodes,
      ways: [
        way(12, [1, 2], { name: 'High Street' }),
        way(23, [2, 3], { name: 'High Street' }),
        way(20, [4, 2, 5]),
      ],
    });
    const same = [...network.turnFrom.keys()]
      .filter((turn) => network.turnFlags[turn] & TURN_FLAGS.sameRoad)
      .map((turn) => `${refs[network.turnFrom[turn]]} → ${refs[network.turnTo[turn]]}`);
    expect(same.filter((turn) => !/(\S+)\/(\d)\/(\d) → \1\/\3\/\2/.test(turn)).sort()).toEqual([
      '12/1/2 → 23/2/3',
      '20/4/2 → 20/2/5',
      '20/5/2 → 20/2/4',
      '23/3/2 → 12/2/1',
    ]);
  });

  it('end at a bollard, and pass a gate', async () => {
    const blocked = await readCity({
      nodes: [node(1, 0, 0), node(2, 1, 0, { barrier: 'bollard' }), node(3, 2, 0)],
      ways: [way(7, [1, 2, 3])],
    });
    expect(blocked.turns).toEqual(
      ['7/1/2 → 7/2/1', '7/3/2 → 7/2/3', '7/2/1 → 7/1/2', '7/2/3 → 7/3/2'].sort(),
    );
    expect(blocked.report.notes[0]).toContain('node 2');
    const open = {
      nodes: [node(1, 0, 0), node(2, 1, 0, { barrier: 'gate' }), node(3, 2, 0)],
      ways: [way(7, [1, 2, 3])],
    };
    expect((await readCity(open)).refs).toEqual(['7/1/3', '7/3/1']);
    open.nodes[1].tags!.access = 'private';
    expect((await readCity(open)).refs).toHaveLength(4);
  });
});

describe('turn restrictions', () => {
  const straightOn = '12/1/2 → 23/2/3';
  const left = '12/1/2 → 24/2/4';
  const right = '12/1/2 → 25/2/5';
  const fromWest = async (...relations: ReturnType<typeof restriction>[]) => {
    const { turns, report } = await readCity({ ...crossing, relations });
    return { turns: turns.filter((turn) => turn.startsWith('12/1/2')), all: turns, report };
  };
  const reasons = (report: { dropped: { reason: string }[] }): string[] =>
    report.dropped.map(({ reason }) => reason);

  it('no_ takes one turn away', async () => {
    const { turns, all, report } = await fromWest(restriction(1, 'no_left_turn', [12, 2, 24]));
    expect(turns).toEqual([straightOn, right]);
    expect(all).toHaveLength(15);
    expect(report.kept.restrictions).toBe(1);
  });

  it('only_ takes the others away', async () => {
    expect((await fromWest(restriction(1, 'only_right_turn', [12, 2, 25]))).turns).toEqual([right]);
  });

  it('two only_ leave both', async () => {
    const { turns } = await fromWest(
      restriction(1, 'only_right_turn', [12, 2, 25]),
      restriction(2, 'only_straight_on', [12, 2, 23]),
    );
    expect(turns).toEqual([straightOn, right]);
  });

  it('no_u_turn holds at a dead end too', async () => {
    const { turns } = await readCity({ ...crossing, relations: [restriction(1, 'no_u_turn', [12, 1, 12])] });
    expect(turns).not.toContain('12/2/1 → 12/1/2');
    expect(turns).toHaveLength(15);
  });

  it('no_entry holds for each from, no_exit for each to', async () => {
    const entry = restriction(1, 'no_entry', [12, 2, 24]);
    const second = { type: 'way', id: 23, role: 'from' } as const;
    const { turns } = await readCity({
      ...crossing,
      relations: [{ ...entry, members: [...entry.members, second] }],
    });
    expect(turns).not.toContain(left);
    expect(turns).not.toContain('23/3/2 → 24/2/4');
    expect(turns).toContain('25/5/2 → 24/2/4');
  });

  it('finds its way through a road that does not end at the junction', async () => {
    const city = { nodes: crossing.nodes, ways: [way(10, [1, 2, 3]), way(20, [4, 2, 5])] };
    const { turns } = await readCity({ ...city, relations: [restriction(1, 'no_left_turn', [10, 2, 20])] });
    // Both 1-2-4 and 3-2-5 are left turns from way 10 onto way 20: nobody can tell which is meant.
    expect(turns).toHaveLength(16);
    const tee = { nodes: crossing.nodes, ways: [way(10, [1, 2, 3]), way(24, [2, 4])] };
    const found = await readCity({ ...tee, relations: [restriction(1, 'no_left_turn', [10, 2, 24])] });
    expect(found.turns).not.toContain('10/1/2 → 24/2/4');
    expect(found.turns).toContain('10/3/2 → 24/2/4');
  });

  it.each<[string, Record<string, string>, string]>([
    ['no_left_turn', { except: 'bus;motorcar' }, 'restriction-of-others'],
    ['no_parking', {}, 'unknown-restriction'],
    ['no_left_turn', { hour_on: '07:00', hour_off: '09:00' }, 'conditional-restriction'],
  ])('%s with %o is left out as %s', async (kind, tags, reason) => {
    const { turns, report } = await fromWest(restriction(1, kind, [12, 2, 24], tags));
    expect(turns).toHaveLength(3);
    expect(reasons(report)).toEqual([reason]);
    expect(report.dropped[0].examples).toEqual(['relation 1']);
  });

  it('except=bus still holds for cars; restriction:motorcar comes before restriction', async () => {
    expect(
      (await fromWest(restriction(1, 'no_left_turn', [12, 2, 24], { except: 'bus' }))).turns,
    ).toHaveLength(2);
    const both = restriction(1, 'only_right_turn', [12, 2, 24], { 'restriction:motorcar': 'no_left_turn' });
    expect((await fromWest(both)).turns).toEqual([straightOn, right]);
  });

  it('on conditions, by way of a road, for others or incomplete are reported, not obeyed', async () => {
    const whole = restriction(1, '', [12, 2, 24]);
    const tagged = (tags: Record<string, string>) => ({ ...whole, tags: { type: 'restriction', ...tags } });
    const viaWay = { type: 'way', id: 23, role: 'via' } as const;
    const { turns, report } = await fromWest(
      { ...tagged({ 'restriction:conditional': 'no_left_turn @ (Mo-Fr 07:00-09:00)' }), id: 1 },
      {
        ...tagged({ restriction: 'no_left_turn' }),
        id: 2,
        members: [whole.members[0], viaWay, whole.members[2]],
      },
      { ...tagged({ 'restriction:hgv': 'no_left_turn' }), id: 3 },
      { ...tagged({ restriction: 'no_left_turn' }), id: 4, members: whole.members.slice(0, 2) },
      {
        ...tagged({ restriction: 'no_left_turn' }),
        id: 5,
        tags: { type: 'route', restriction: 'no_left_turn' },
      },
    );
    expect(turns).toHaveLength(3);
    expect(Object.fromEntries(report.dropped.map(({ reason, examples }) => [reason, examples]))).toEqual({
      'conditional-restriction': ['relation 1'],
      'restriction-via-way': ['relation 2'],
      'restriction-of-others': ['relation 3'],
      'incomplete-restriction': ['relation 4'],
    });
  });
});

describe('traffic signals', () => {
  const signalised = async (nodes: ReturnType<typeof node>[], refs: number[]) => {
    const { network } = await readCity({ nodes, ways: [way(7, refs)] });
    return network.refs.filter((_, s) => network.flags[s] & SEGMENT_FLAGS.signal);
  };
  const signal = { highway: 'traffic_signals' };

  it('at a junction stand at the end of every segment that leads there', async () => {
    const { network, refs } = await readCity({
      ...crossing,
      nodes: crossing.nodes.map((n) => (n.id === 2 ? node(2, 1, 0, signal) : n)),
    });
    expect(refs.filter((_, s) => network.flags[s] & SEGMENT_FLAGS.signal).sort()).toEqual([
      '12/1/2',
      '23/3/2',
      '24/4/2',
      '25/5/2',
    ]);
    for (let turn = 0; turn < network.turnCount; turn++)
      expect(Boolean(network.turnFlags[turn] & TURN_FLAGS.signal)).toBe(
        refs[network.turnFrom[turn]].endsWith('/2'),
      );
  });

  it('within 30 m of the end count, farther ones do not', async () => {
    expect(await signalised([node(1, 0, 0), node(2, 0, 1, signal), node(3, 0, 1.2)], [1, 2, 3])).toEqual([
      '7/1/3',
    ]);
    expect(await signalised([node(1, 0, 0), node(2, 0, 1, signal), node(3, 0, 2)], [1, 2, 3])).toEqual([]);
  });

  it('for one direction count in that one only', async () => {
    const facing = (direction: string) => [
      node(1, 0, 0),
      node(2, 0, 0.1, { ...signal, 'traffic_signals:direction': direction }),
      node(3, 0, 0.2),
    ];
    expect(await signalised(facing('forward'), [1, 2, 3])).toEqual(['7/1/3']);
    expect(await signalised(facing('backward'), [1, 2, 3])).toEqual(['7/3/1']);
    expect(await signalised(facing('both'), [1, 2, 3])).toEqual(['7/1/3', '7/3/1']);
  });
});

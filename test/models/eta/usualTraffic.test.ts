import { describe, expect, it } from 'vitest';
import { INPUT_GROUPS } from '../../../core/api/contract.ts';
import { quietContext } from '../../../core/base/index.ts';
import { NO_OBSERVATIONS, type SegmentModel } from '../../../core/roads/index.ts';
import { fitSegmentModel } from '../../../core/roads/profiles/fitSegmentModel.ts';
import { groupOfNodeFeature, usualTraffic } from '../../../models/eta/explain/usualTraffic.ts';
import { Traffic } from '../../../models/eta/traffic.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { changingTraffic, FIRST_DAY_S } from '../../support/smallCity.ts';

describe('traffic as usual', () => {
  it('is as expected in every figure of today, and as it is in what else is known', async () => {
    const network = gridNetwork(5, 4);
    const trips = changingTraffic(network, { days: 8, perDay: 150, seed: 3 });
    const model: SegmentModel = await fitSegmentModel(network, trips, {}, quietContext);
    const traffic = new Traffic(
      network,
      trips,
      model,
      { trafficWindows: 'on', edges: 'on' },
      NO_OBSERVATIONS,
    );
    const shape = {
      names: ['live.segmentStanding', 'live.segmentPresent'],
      mean: [0.25, 0.5],
      deviation: [1, 1],
    };
    const usual = usualTraffic(traffic, shape);
    const timeS = FIRST_DAY_S + 7 * 86_400 + 15 * 3600;
    const segments = [...network.fromJunction.keys()];
    const reachedS = segments.map((s) => 10 * s);
    const width = traffic.nodeNames.length;
    const [now, then] = [traffic, usual].map((view) => {
      const out = new Float32Array(segments.length * width + 3).fill(7);
      view.nodes(timeS, segments, reachedS, out, 3);
      return out;
    });
    // Nothing before its place is touched.
    expect([...then.subarray(0, 3)]).toEqual([7, 7, 7]);
    const column = (values: Float32Array, name: string) =>
      segments.map((_, i) => values[3 + i * width + traffic.nodeNames.indexOf(name)]);
    const kept = /LogCount$|^segmentRecency$|^history\d/;
    for (const name of traffic.nodeNames) {
      const usualValue = { segmentStanding: 0.25, segmentPresent: 0.5 }[name] ?? 0;
      const wanted = kept.test(name) ? column(now, name) : segments.map(() => usualValue);
      expect(column(then, name), name).toEqual(wanted);
      expect(groupOfNodeFeature(`live.${name}`), name).not.toBe('other');
      expect(INPUT_GROUPS).toContain(groupOfNodeFeature(`live.${name}`));
    }
    expect(column(now, 'segment60min')).not.toEqual(column(then, 'segment60min'));
    const city = new Float32Array(usual.cityNames.length + 1).fill(7);
    usual.city(timeS, timeS, city, 1);
    expect([...city]).toEqual([7, ...usual.cityNames.map(() => 0)]);
  });
});

import type { InputGroup } from '@etalon/core/api/contract';
import type { Normalisation } from '../../normalisation.ts';
import type { TrafficReader } from '../traffic.ts';

interface LiveInput {
  names: RegExp;
  group: InputGroup;
  /**
   * `asExpected`: 0, traffic as the segment model expects it. `mean`: that of the training trips, where 0 would say more than
   * nothing. `kept`: how much is known and what earlier weeks were like, which is no news of today.
   */
  usual: 'asExpected' | 'mean' | 'kept';
}

const LIVE_INPUTS: readonly LiveInput[] = [
  {
    names: /^(segment(LogCount|Recency)|(window|history)LogCount|history\d+)$/,
    group: 'here',
    usual: 'kept',
  },
  { names: /^segment(Standing|Present)$/, group: 'here', usual: 'mean' },
  { names: /^(segment\d+min|window\d+)$/, group: 'here', usual: 'asExpected' },
  { names: /^cell\d+m$/, group: 'around', usual: 'asExpected' },
  { names: /^ahead\d+$/, group: 'ahead', usual: 'asExpected' },
  { names: /^behind\d+$/, group: 'behind', usual: 'asExpected' },
];
const ANY_OTHER: LiveInput = { names: /^/, group: 'other', usual: 'mean' };

const PREFIX = 'live.';

const liveInput = (name: string): LiveInput => LIVE_INPUTS.find(({ names }) => names.test(name)) ?? ANY_OTHER;

/** What a feature of a segment on the route tells of; features that are not of live traffic differ only by when they are reached. */
export function groupOfNodeFeature(name: string): InputGroup {
  return name.startsWith(PREFIX) ? liveInput(name.slice(PREFIX.length)).group : 'arrival';
}

/**
 * Traffic that runs as usual: whatever of `traffic` tells of today stands at its usual value. As many vehicles were
 * seen, and they took what the segment model expects.
 */
export function usualTraffic(traffic: TrafficReader, { names, mean }: Normalisation): TrafficReader {
  const { cityNames, nodeNames } = traffic;
  const usual = nodeNames.map((name) => {
    const { usual: kind } = liveInput(name);
    if (kind === 'kept') return undefined;
    return kind === 'asExpected' ? 0 : (mean[names.indexOf(PREFIX + name)] ?? 0);
  });
  return {
    cityNames,
    nodeNames,
    looksAhead: traffic.looksAhead,
    city: (_timeS, _localS, out, at = 0) => void out.fill(0, at, at + cityNames.length),
    nodes(timeS, segments, elapsedS, out, at = 0) {
      traffic.nodes(timeS, segments, elapsedS, out, at);
      for (let i = 0; i < segments.length; i++)
        usual.forEach((value, column) => {
          if (value !== undefined) out[at + i * usual.length + column] = value;
        });
    },
  };
}

import { describe, expect, it } from 'vitest';
import { InteractionData } from '../../../core/interactions/index.ts';
import { parseStorySettings } from '../../../models/stories/settings.ts';
import { storyData } from '../../../models/stories/snapshots.ts';
import { heldOutParts } from '../../../models/stories/split.ts';
import { latestMoment, targetWindows } from '../../../models/stories/windows.ts';

const DAY = 86_400;
const OPTIONS = { windowDays: 7, most: 10, memory: 2 };
const ids = ['a', 'b', 'c', 'd'];

describe('events that are counted', () => {
  const data = messages([
    [0, 1, 1],
    [1, 0, 2],
    [0, 2, 9],
    [0, 1, 16],
    [0, 1, 17],
    [3, 0, 18],
    [0, 1, 21],
  ]);
  it('ask in each window for the pairs of the windows before, both ways, and count what came in it', () => {
    const windows = targetWindows(data, 'message', OPTIONS);
    const told = windows.map(({ untilS, pairs, targets }) => [
      untilS / DAY,
      Object.fromEntries(
        pairs.map(([u, v], i) => [`${ids[u]}${ids[v]}`, Math.round(Math.expm1(targets[i]))]),
      ),
    ]);
    expect(told).toEqual([
      [7, { ab: 0, ba: 0 }],
      [14, { ab: 3, ba: 0, ac: 0, ca: 0 }],
    ]);
  });

  it('are split by time, the latest for the test', () => {
    const windows = targetWindows(data, 'message', OPTIONS);
    const parts = heldOutParts(windows, { way: 'userTime', test: 0.2, validation: 0, seed: 1 });
    expect(parts.map(([first]) => first)).toEqual(['train', 'test']);
    expect(() => heldOutParts(windows, { way: 'leaveOneOut', test: 0.2, validation: 0, seed: 1 })).toThrow(
      /one by one/,
    );
    expect(() => heldOutParts(windows, { way: 'time', test: 0.9, validation: 0.1, seed: 1 })).toThrow(
      /Nothing is left/,
    );
  });

  it('tell nothing of what came after the moment', () => {
    const settings = parseStorySettings({ windows: 2, validationShare: 0 });
    const holdOut = { way: 'time', test: 0.2, validation: 0, seed: 1 } as const;
    const before = storyData(data, 'message', settings, holdOut);
    const changed = messages([
      [0, 1, 1],
      [1, 0, 2],
      [0, 2, 9],
      [2, 3, 15],
      [0, 1, 21],
    ]);
    const after = storyData(changed, 'message', settings, holdOut);
    const feeds = [before, after].map(({ parts }) => parts.test[0].snapshot.feed);
    expect(feeds[1].edgeFeatures).toEqual(feeds[0].edgeFeatures);
    expect(feeds[1].nodeFeatures).toEqual(feeds[0].nodeFeatures);
  });
});

describe('affinities that are given', () => {
  it('are asked in their window, what is known ends before it', () => {
    const data = new InteractionData(
      [{ name: 'user', ids }],
      [
        {
          ...plainEdges('affinity', [
            [0, 1, 28],
            [0, 2, 28],
            [0, 1, 21],
          ]),
          features: { share: { kind: 'numeric', values: Float64Array.of(0.5, Number.NaN, 0.25) } },
        },
        plainEdges('contact', [[0, 1, 20]]),
      ],
    );
    expect(targetWindows(data, 'affinity', OPTIONS)).toEqual([
      { untilS: 14 * DAY, pairs: [[0, 1]], targets: Float32Array.of(0.25) },
      { untilS: 21 * DAY, pairs: [[0, 1]], targets: Float32Array.of(0.5) },
    ]);
    expect(latestMoment(data, 'affinity', OPTIONS)).toBe(28 * DAY);
  });

  it('of one window are held out viewer by viewer', () => {
    const pairs = Array.from({ length: 60 }, (_, i): [number, number] => [i % 20, 20 + i]);
    const windows = [{ untilS: 0, pairs, targets: new Float32Array(60) }];
    const [parts] = heldOutParts(windows, { way: 'time', test: 0.2, validation: 0.1, seed: 1 });
    for (const part of ['train', 'validation', 'test'])
      expect(new Set(pairs.filter((_, i) => parts[i] === part).map(([u]) => u)).size).toBe(
        { train: 14, validation: 2, test: 4 }[part],
      );
    pairs.forEach(([u], i) => {
      expect(parts[i]).toBe(parts[u]);
    });
  });

  it('are of friends: edges from users to items are refused', () => {
    const data = new InteractionData(
      [
        { name: 'user', ids },
        { name: 'film', ids },
      ],
      [{ ...plainEdges('rated', [[0, 1, 1]]), to: 'film' }],
    );
    expect(() => targetWindows(data, 'rated', OPTIONS)).toThrow(/from a user to a film/);
  });
});

function plainEdges(name: string, edges: readonly (readonly [number, number, number])[]) {
  return {
    name,
    from: 'user',
    to: 'user',
    fromRows: Int32Array.from(edges, ([u]) => u),
    toRows: Int32Array.from(edges, ([, v]) => v),
    timesS: Float64Array.from(edges, ([, , day]) => day * DAY),
  };
}

function messages(edges: readonly (readonly [number, number, number])[]): InteractionData {
  return new InteractionData([{ name: 'user', ids }], [plainEdges('message', edges)]);
}

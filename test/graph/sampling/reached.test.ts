import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { type Adjacency, adjacencyOf, reachedNeighbours } from '../../../core/graph/index.ts';
import { fitsExpected } from '../../support/chiSquare.ts';

const [PINS, BOARDS] = [40, 9];
const random = new Random(4);
const saves = Array.from({ length: 90 }, () => [random.int(PINS - 3), random.int(BOARDS)]);
const [pin, board] = [0, 1].map((side) => Int32Array.from(saves, (save) => save[side]));
const path = [
  adjacencyOf({ rows: PINS, columns: BOARDS, from: pin, to: board }),
  adjacencyOf({ rows: BOARDS, columns: PINS, from: board, to: pin }),
];

/** Pins that share a board with one of `from`, by the list of saves. */
const sharing = (from: ReadonlySet<number>) => {
  const boards = new Set(saves.filter(([pin]) => from.has(pin)).map(([, board]) => board));
  return new Set(saves.filter(([, board]) => boards.has(board)).map(([pin]) => pin));
};

function around(start: number, hops: number): number[] {
  let met = new Set([start]);
  for (let hop = 0; hop < hops; hop++) met = new Set([...met, ...sharing(met)]);
  met.delete(start);
  return [...met].sort((a, b) => a - b);
}

const listed = ({ offsets, neighbours }: Adjacency, node: number) => [
  ...neighbours.subarray(offsets[node], offsets[node + 1]),
];

describe('reachedNeighbours', () => {
  it.each([1, 2])('lists all that is reached in %i hops where there is room', async (hops) => {
    const lists = await reachedNeighbours(path, { top: PINS, hops, seed: 1 }, quietContext);
    for (let node = 0; node < PINS; node++) expect(listed(lists, node)).toEqual(around(node, hops));
    expect(listed(lists, PINS - 1)).toEqual([]);
  });

  it('draws different nodes, all of them alike, with equal shares, the same from the same seed', async () => {
    const node = saves[0][0];
    const reached = around(node, 1);
    const times = reached.map(() => 0);
    const draw = (seed: number) => reachedNeighbours(path, { top: 5, hops: 1, seed }, quietContext);
    for (let seed = 0; seed < 600; seed++) {
      const lists = await draw(seed);
      const own = listed(lists, node);
      expect(new Set(own).size).toBe(5);
      for (const other of own) times[reached.indexOf(other)]++;
      expect(lists.weights!.subarray(lists.offsets[node], lists.offsets[node + 1])).toEqual(
        new Float32Array(5).fill(0.2),
      );
    }
    expect(
      fitsExpected(
        times,
        reached.map(() => 3000 / reached.length),
      ),
    ).toBe(true);
    expect(await draw(7)).toEqual(await draw(7));
  });

  it('refuses a path that leads elsewhere', async () => {
    const options = { top: 3, hops: 1, seed: 1 };
    await expect(reachedNeighbours([path[0]], options, quietContext)).rejects.toThrow('must lead back');
  });
});

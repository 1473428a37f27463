import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/random.ts';
import { HashSet64 } from '../../core/roads/tripImport/hashSet64.ts';

describe('a set of 64-bit hashes', () => {
  it('says what a set of texts says, through all its growth', () => {
    const random = new Random(1);
    const known = new Set<string>();
    const set = new HashSet64();
    // Few different low halves: most of them meet in the same place.
    for (let i = 0; i < 60_000; i++) {
      const [high, low] = [random.int(3000), i % 2 === 0 ? random.int(20) : random.int(2 ** 31 - 1) * 2];
      const key = `${high} ${low}`;
      expect(set.add(high, low)).toBe(!known.has(key));
      known.add(key);
    }
    expect(set.size).toBe(known.size);
  });

  it('tells 0 from nothing', () => {
    const set = new HashSet64();
    expect([set.add(0, 0), set.add(0, 0), set.add(0, 1), set.add(1, 0)]).toEqual([true, false, true, true]);
    expect(set.size).toBe(3);
  });
});

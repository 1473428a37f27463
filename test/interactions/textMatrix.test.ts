import { describe, expect, it } from 'vitest';
import { bucketOf, ngramsOf, sharedTexts, textMatrix } from '../../core/interactions/index.ts';

const OPTIONS = { letters: [3], words: 2, buckets: 32, seed: 1 };

describe('textMatrix', () => {
  it('counts n-grams by bucket and makes every row of length 1', () => {
    const texts = ['Rose garden', null, '', 'roses, roses!'];
    const { names, values } = textMatrix('title', texts, OPTIONS);
    expect(names).toHaveLength(32);
    expect(names[31]).toBe('title #31');
    texts.forEach((text, row) => {
      const counts = new Array<number>(32).fill(0);
      for (const gram of text ? ngramsOf(text, OPTIONS) : []) counts[bucketOf(gram, OPTIONS)]++;
      const norm = Math.sqrt(counts.reduce((sum, count) => sum + count * count, 0)) || 1;
      const own = [...values.subarray(32 * row, 32 * (row + 1))];
      counts.forEach((count, bucket) => {
        expect(own[bucket]).toBeCloseTo(count / norm, 6);
      });
    });
  });

  it('gives a text the same row wherever it stands', () => {
    const alone = textMatrix('title', ['compost'], OPTIONS).values;
    const later = textMatrix('title', ['yarn', 'compost'], OPTIONS).values;
    expect(later.subarray(32)).toEqual(alone);
    expect(later.subarray(0, 32)).not.toEqual(alone);
  });
});

describe('sharedTexts', () => {
  it('names texts whose words come again, not identifiers', () => {
    const text = (...values: (string | null)[]) => ({ kind: 'text' as const, values });
    const features = {
      name: text('Green curry', 'Red curry', null, 'Green salad', 'Baklava'),
      segment: text('LH1-', 'LH2-', 'LH3-', 'LH4 7', 'LH5 7'),
      note: text(null, null, null, null, null),
      price: { kind: 'numeric' as const, values: Float64Array.of(1, 2, 3, 4, 5) },
    };
    expect(sharedTexts(features)).toEqual(['name']);
  });
});

import { describe, expect, it } from 'vitest';
import { isNumber, mostly } from '../../core/tables/guess.ts';

describe('mostly', () => {
  it('takes nine in ten, and of few values all but one', () => {
    expect(mostly(['1', '2', ...new Array<string>(18).fill('3')], isNumber)).toBe(true);
    expect(mostly(['a', 'b', ...new Array<string>(18).fill('3')], isNumber)).toBe(true);
    expect(mostly(['a', 'b', 'c', ...new Array<string>(17).fill('3')], isNumber)).toBe(false);
    expect(mostly(['1', 'x'], isNumber)).toBe(true);
    expect(mostly(['1', 'x', 'y'], isNumber)).toBe(false);
  });

  it('takes no column whose values all say otherwise, and any where there are no rows', () => {
    expect(mostly(['x'], isNumber)).toBe(false);
    expect(mostly(['', ' '], isNumber)).toBe(false);
    expect(mostly([], isNumber)).toBe(true);
  });
});

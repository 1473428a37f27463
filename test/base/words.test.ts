import { expect, it } from 'vitest';
import { plural } from '../../core/base/index.ts';

it('makes plurals by the rules of English', () => {
  const known = {
    user: 'users',
    dish: 'dishes',
    story: 'stories',
    box: 'boxes',
    day: 'days',
    class: 'classes',
    epoch: 'epochs',
    branch: 'branches',
  };
  for (const [one, many] of Object.entries(known)) expect(plural(one)).toBe(many);
});

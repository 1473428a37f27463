import { expect, it } from 'vitest';
import { csrOf } from '../../../core/graph/index.ts';
import { linkQuestions, productScores, scoresOf } from '../../../models/graph/linkQuestions.ts';

const row = (...entries: number[]) => Int32Array.from(entries);
// 0–1 and 2–3 are asked for, 0–2 is known.
const task = {
  items: 5,
  relevant: csrOf([row(1), row(0), row(3), row(2), row()]),
  known: csrOf([row(0, 2), row(1), row(0, 2), row(3), row(4)]),
};

it('asks for each edge once, beside as many pairs that are neither asked for nor known', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const { first, second, label } = linkQuestions(task, seed);
    const keys = Array.from(first, (a, i) => [Math.min(a, second[i]), Math.max(a, second[i])].join('–'));
    expect(keys.slice(0, 2)).toEqual(['0–1', '2–3']);
    expect([...label]).toEqual([1, 1, 0, 0]);
    expect(new Set(keys).size).toBe(4);
    for (const key of keys.slice(2)) expect(['0–3', '0–4', '1–2', '1–3', '1–4', '2–4', '3–4']).toContain(key);
    expect(linkQuestions(task, seed)).toEqual({ first, second, label });
  }
});

it('ends where there are not enough pairs without an edge', () => {
  const full = { items: 2, relevant: csrOf([row(1), row(0)]), known: csrOf([row(0), row(1)]) };
  expect([...linkQuestions(full, 1).label]).toEqual([1]);
});

it('scores pairs by products of states, and by scorers of everyone, alike', async () => {
  const z = Float32Array.from({ length: 10 }, (_, i) => Math.sin(i + 1));
  const asked = { first: row(0, 3, 0, 4), second: row(1, 2, 4, 4) };
  const product = (a: number, b: number) => z[2 * a] * z[2 * b] + z[2 * a + 1] * z[2 * b + 1];
  const expected = [product(0, 1), product(3, 2), product(0, 4), product(4, 4)];
  const near = (values: ArrayLike<number>) => Array.from(values, (value) => expect.closeTo(value, 6));
  expect(near(productScores(z, 5, asked))).toEqual(expected);
  const everyone = (users: Int32Array) =>
    Float32Array.from(
      Array.from(users, (user) => [0, 1, 2, 3, 4].map((other) => product(user, other))).flat(),
    );
  expect(near(await scoresOf(everyone, 5, asked))).toEqual(expected);
});

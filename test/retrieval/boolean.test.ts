import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import { ListCursor } from '../../core/retrieval/boolean/cursor.ts';
import { BooleanIndex, IvfPqIndex, postingsOf, type Query, vectorsOf } from '../../core/retrieval/index.ts';
import { ClusteredVectors } from '../support/clusteredVectors.ts';

const DOCS = 300;
const N = 8;
const TERMS = ['city:berlin', 'city:paris', 'text:cafe', 'text:museum', 'rare', 'absent'];
/** Share of the documents that have each term. */
const SHARES = [0.5, 0.3, 0.2, 0.1, 0.01, 0];

const random = new Random(1);
const documents = Array.from({ length: DOCS }, () => TERMS.filter((_, t) => random.uniform() < SHARES[t]));
const world = new ClusteredVectors(N, 10, new Random(2));
const data = world.draw(DOCS);
const queries = Array.from({ length: 6 }, () => world.draw(1));
let field: IvfPqIndex;
let index: BooleanIndex;

beforeAll(async () => {
  const options = { numClusters: 12, pqBytes: 4, opq: false };
  field = await IvfPqIndex.build(vectorsOf(data, N, 'cosine'), options, new Random(3), quietContext);
  index = new BooleanIndex(DOCS, postingsOf(documents), { embedding: field });
});

/** The documents of a query by set algebra; near ones by the field's own search. */
function plain(query: Query): Set<number> {
  if ('term' in query)
    return new Set([...documents.keys()].filter((doc) => documents[doc].includes(query.term)));
  if ('not' in query) return without(everything(), plain(query.not));
  if ('and' in query) return query.and.map(plain).reduce((a, b) => without(a, without(a, b)), everything());
  if ('or' in query) return new Set(query.or.flatMap((part) => [...plain(part)]));
  const { vector, radius = 10, nprobe = 1 } = query.nn;
  return new Set(field.within(vector, radius, { nprobe }).ids);
}

function without(a: Set<number>, b: Set<number>): Set<number> {
  return new Set([...a].filter((doc) => !b.has(doc)));
}

function everything(): Set<number> {
  return new Set(documents.keys());
}

const queryTrees = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ term: fc.constantFrom(...TERMS) }),
    fc.record({
      nn: fc.record({
        field: fc.constant('embedding'),
        vector: fc.constantFrom(...queries),
        radius: fc.constantFrom(0.1, 0.4, 0.8, 1.2),
        nprobe: fc.integer({ min: 1, max: 12 }),
      }),
    }),
    fc.record({ and: fc.array(tie('query'), { maxLength: 4 }) }),
    fc.record({ or: fc.array(tie('query'), { maxLength: 4 }) }),
    fc.record({ not: tie('query') }),
  ),
}));

describe('a Boolean query', () => {
  it('finds what set algebra finds, in the order of the documents', () => {
    fc.assert(
      fc.property(queryTrees.query, (query) => {
        expect([...index.search(query).docs]).toEqual([...plain(query)].sort((a, b) => a - b));
      }),
      { numRuns: 400 },
    );
  });

  it('gives the distance of each near vector by itself, NaN where it does not hold', () => {
    const nn = { field: 'embedding', vector: queries[0], radius: 0.6, nprobe: 6 };
    const { docs, distances } = index.search({ or: [{ term: 'text:cafe' }, { nn }] });
    const { ids, distances: alone } = field.within(nn.vector, nn.radius, { nprobe: nn.nprobe });
    const expected = new Map([...ids].map((id, i) => [id, alone[i]]));
    expect(distances).toHaveLength(1);
    let near = 0;
    docs.forEach((doc, i) => {
      if (expected.has(doc)) near++;
      if (expected.has(doc)) expect(distances[0][i]).toBeCloseTo(expected.get(doc)!, 5);
      else expect(distances[0][i]).toBeNaN();
    });
    expect(near).toBe(ids.length);
    expect(near).toBeGreaterThan(3);
    expect(near).toBeLessThan(docs.length);
  });

  it('computes no distance of a document that its terms rule out, and walks over none outside of the clusters', () => {
    const nn = { field: 'embedding', vector: queries[1], radius: 0.9, nprobe: 4 };
    const alone = index.search({ nn });
    const rare = documents.filter((terms) => terms.includes('text:museum')).length;
    const hybrid = index.search({ and: [{ nn }, { term: 'text:museum' }] });
    expect(alone.scanned).toBe(field.nearest(nn.vector, 1, { nprobe: 4 }).scanned);
    expect(hybrid.scanned).toBe(hybrid.walked);
    expect(hybrid.scanned).toBeLessThan(rare);
    expect(hybrid.scanned).toBeLessThan(alone.scanned);
  });

  it('takes whole clusters where no radius is given', () => {
    const nn = { field: 'embedding', vector: queries[2], nprobe: 3 };
    const { docs, distances } = index.search({ nn });
    expect(docs.length).toBe(field.nearest(nn.vector, 1, { nprobe: 3 }).scanned);
    expect(distances[0].every(Number.isFinite)).toBe(true);
  });

  it('names the fields there are when asked for another', () => {
    const query = { nn: { field: 'place', vector: queries[0] } };
    expect(() => index.search(query)).toThrow('no vectors of the field place');
    expect(() => new BooleanIndex(DOCS + 1, postingsOf(documents), { embedding: field })).toThrow(
      'has 300 vectors for 301 documents',
    );
  });
});

describe('galloping', () => {
  it('reaches the first document that is not before the target, from any place', () => {
    const lists = fc.uniqueArray(fc.nat(1000), { maxLength: 80 });
    fc.assert(
      fc.property(lists, fc.array(fc.nat(1100), { maxLength: 20 }), (docs, targets) => {
        const list = Int32Array.from(docs).sort();
        const cursor = new ListCursor(list, 0, list.length);
        for (const target of targets.sort((a, b) => a - b)) {
          cursor.advance(target);
          expect(cursor.doc).toBe(list.find((doc) => doc >= target) ?? 0x7fffffff);
        }
      }),
    );
  });
});

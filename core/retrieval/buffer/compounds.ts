import { BooleanIndex } from '../boolean/booleanIndex.ts';
import type { IvfPqIndex } from '../ivf/ivfPq.ts';
import { GeoShards, GridRegions } from '../shards.ts';
import { openIndex, packIndex } from './indexBuffers.ts';
import { pack, Sections } from './sections.ts';

const VERSIONS = { shards: 1, boolean: 1 };

/** The shards of all regions as one buffer; each lies in it as its own index's buffer. */
export function packShards({ grid, shards }: GeoShards, shared = false): Uint8Array {
  const sections = Object.fromEntries([...shards].map(([region, index]) => [region, packIndex(index)]));
  const fields = { cellDegrees: grid?.cellDegrees ?? null, regions: [...shards.keys()] };
  return pack({ kind: 'shards', version: VERSIONS.shards, fields, sections }, shared);
}

/** Opens {@link packShards}'s buffer without copying. Throws `input` as `openIndex` does. */
export function openShards(bytes: Uint8Array, file?: string): GeoShards {
  const sections = new Sections(bytes, { shards: VERSIONS.shards }, file);
  const { cellDegrees, regions } = sections.fields as { cellDegrees: number | null; regions: number[] };
  const opened = regions.map(
    (region) => [region, openIndex(sections.array(String(region), 'Uint8Array'), file)] as const,
  );
  return new GeoShards(cellDegrees === null ? null : new GridRegions(cellDegrees), new Map(opened));
}

/** A Boolean index as one buffer, with the indexes of its fields. */
export function packBoolean({ count, postings, fields }: BooleanIndex, shared = false): Uint8Array {
  const nested = Object.entries(fields).map(([field, index]) => [`field ${field}`, packIndex(index)]);
  const terms = new TextEncoder().encode(JSON.stringify(postings.terms));
  return pack(
    {
      kind: 'boolean',
      version: VERSIONS.boolean,
      fields: { count, fields: Object.keys(fields) },
      sections: { terms, offsets: postings.offsets, docs: postings.docs, ...Object.fromEntries(nested) },
    },
    shared,
  );
}

/** Opens {@link packBoolean}'s buffer; lists and codes are not copied. Throws `input` as `openIndex` does. */
export function openBoolean(bytes: Uint8Array, file?: string): BooleanIndex {
  const sections = new Sections(bytes, { boolean: VERSIONS.boolean }, file);
  const { count, fields } = sections.fields as { count: number; fields: string[] };
  const postings = {
    terms: JSON.parse(new TextDecoder().decode(sections.array('terms', 'Uint8Array').slice())) as string[],
    offsets: sections.array('offsets', 'Uint32Array'),
    docs: sections.array('docs', 'Int32Array'),
  };
  const opened = fields.map((field) => [
    field,
    openIndex(sections.array(`field ${field}`, 'Uint8Array'), file) as IvfPqIndex,
  ]);
  return new BooleanIndex(count, postings, Object.fromEntries(opened));
}

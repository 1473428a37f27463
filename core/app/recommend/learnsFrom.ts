import type { ApiRecommenderChoice } from '../../api/recommenders.ts';
import { EtalonError } from '../../base/index.ts';
import { HOLD_OUT_SEED } from '../../interactions/index.ts';
import type { ProjectInfo } from '../../project/index.ts';
import type { RecommenderData, RecommenderDefinition } from './definition.ts';

/**
 * What a recommender will learn from: the data set and type of edges that are chosen, those it prefers or the first ones where none are. Edges are held
 * out by time of each user, or at random where their times are not known. Throws `conflict` for a project without interactions,
 * `usage` where a choice is missing, `not-found` for one that is not there.
 */
export function learnsFrom(
  { path, interactions }: ProjectInfo,
  { data, edges, split, test }: ApiRecommenderChoice,
  prefers?: RecommenderDefinition['prefers'],
): RecommenderData {
  const where = { file: path };
  if (interactions.length === 0)
    throw new EtalonError('conflict', 'There are no interactions to learn from.', {
      where,
      remedy: 'Import who took what first: etalon import interactions.',
    });
  if (data === undefined && interactions.length > 1)
    throw new EtalonError('usage', 'The project has several data sets of interactions.', {
      where,
      remedy: `Choose one with --data: ${interactions.map(({ name }) => name).join(', ')}.`,
    });
  const set = interactions.find(({ name }) => name === (data ?? interactions[0].name));
  if (!set)
    throw new EtalonError('not-found', `The project has no interactions “${data}”.`, {
      where,
      remedy: `It has: ${interactions.map(({ name }) => name).join(', ')}.`,
    });
  const preferred = set.edges.find(({ name }) => name === prefers?.edges);
  const type =
    edges === undefined ? (preferred ?? set.edges[0]) : set.edges.find(({ name }) => name === edges);
  if (!type)
    throw new EtalonError('not-found', `The interactions “${set.name}” have no edges “${edges}”.`, {
      where,
      remedy: `They have: ${set.edges.map(({ name }) => name).join(', ')}.`,
    });
  const usual = (type === preferred && prefers?.split) || 'userTime';
  const way = split ?? (type.firstS === null ? 'random' : usual);
  return {
    data: set.name,
    edges: type.name,
    holdOut: { way, test, validation: 0, seed: HOLD_OUT_SEED },
  };
}

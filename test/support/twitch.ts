import { readFileSync } from 'node:fs';
import { quietContext } from '../../core/base/index.ts';
import { InteractionData, NodeTable, readInteractionFiles } from '../../core/interactions/index.ts';
import { recommendData } from './recommendData.ts';

/** Streamers, who is friends with whom, and what they play and like, each a number without a name. */
export async function twitchFriends(): Promise<InteractionData> {
  const files = [
    { path: recommendData('twitch', 'ENGB_edges.csv'), choices: { type: 'friend' } },
    { path: recommendData('twitch', 'ENGB_target.csv'), choices: { id: 'new_id', 'kind:id': 'none' } },
  ];
  const { data } = await readInteractionFiles(files, {}, quietContext);
  const users = data.nodes('user');
  const liked = JSON.parse(readFileSync(recommendData('twitch', 'ENGB.json'), 'utf8')) as Record<
    string,
    number[]
  >;
  const lists = users.ids.map((id) => liked[id] ?? []);
  const most = lists.flat().reduce((largest, code) => Math.max(largest, code), 0);
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, row) => {
    offsets[row + 1] = offsets[row] + list.length;
  });
  const likes = {
    kind: 'multi' as const,
    offsets,
    codes: Int32Array.from(lists.flat()),
    categories: Array.from({ length: most + 1 }, (_, code) => String(code)),
  };
  const nodes = new NodeTable({ ...users, features: { ...users.features, likes } });
  return new InteractionData([nodes], [data.edges('friend')]);
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtalonError, formatError, quietContext } from '../../core/base/index.ts';
import {
  featureText,
  type InteractionData,
  type InteractionFile,
  previewInteractions,
  readInteractionFiles,
} from '../../core/interactions/index.ts';
import { hasRecommendData, needsRecommendData, recommendData } from '../support/recommendData.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'interactions-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(
  name: string,
  content: string | Uint8Array,
  choices: Record<string, string> = {},
): InteractionFile {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { path, choices };
}

const read = (...files: InteractionFile[]) => readInteractionFiles(files, {}, quietContext);

async function refusal(...files: InteractionFile[]): Promise<EtalonError> {
  const error = await read(...files).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

/** "anna → 7 w2 t100", in the order of the file. */
function edgesAsText(data: InteractionData, type: string): string[] {
  const edges = data.edges(type);
  return [...edges.fromRows].map((from, i) => {
    const ends = `${data.nodes(edges.from).ids[from]} → ${data.nodes(edges.to).ids[edges.toRows[i]]}`;
    const weight = edges.weights ? ` w${edges.weights[i]}` : '';
    return `${ends}${weight}${edges.timesS ? ` t${edges.timesS[i]}` : ''}`;
  });
}

const featureOf = (data: InteractionData, type: string, name: string, id: string) =>
  featureText(data.nodes(type).features[name], data.nodes(type).row(id));

describe('a JSON object of lists', () => {
  const edges = () => file('knows.csv', 'from,to\n17,18\n18,19\n');

  it('is a row for each identifier with the list as a feature of several values, plain or gzip', async () => {
    const content = JSON.stringify({ 17: [3, 5], 18: [], 19: [5] });
    for (const map of [file('tags.json', content), file('tags.json.gz', gzipSync(content))]) {
      const { data } = await read(edges(), map);
      expect(data.nodes('user').features.values.kind).toBe('multi');
      expect(['17', '18', '19'].map((id) => featureOf(data, 'user', 'values', id))).toEqual([
        '3, 5',
        '',
        '5',
      ]);
      const [, preview] = await previewInteractions([edges(), map]);
      expect(preview.format).toMatch(/^JSON, lists by identifier/);
      expect(preview.plan).toMatchObject({ role: 'nodes', type: 'user', id: 'id' });
    }
  });

  it('is told from objects on lines of their own, and from what is no JSON', async () => {
    const lines = file('tags.jsonl', '{"tags": ["x"], "of": ["y"], "id": 17}\n{"tags": ["z"], "id": 18}\n', {
      role: 'nodes',
      id: 'id',
      type: 'user',
    });
    const { data } = await read(edges(), lines);
    expect(featureOf(data, 'user', 'tags', '18')).toBe('z');
    const broken = await refusal(edges(), file('broken.json', '{"17": [1], "18": [2'));
    expect(broken.message).toMatch(/No line holds a JSON object/);
  });

  it.skipIf(!hasRecommendData)(`of the streamers on Twitch has all users${needsRecommendData}`, async () => {
    const { data } = await read(
      { path: recommendData('twitch', 'ENGB_edges.csv'), choices: { type: 'friend' } },
      { path: recommendData('twitch', 'ENGB.json') },
    );
    expect(data.nodes('user').count).toBe(7126);
    const { values } = data.nodes('user').features;
    expect(values.kind === 'multi' && values.categories.length).toBe(2545);
    expect(featureOf(data, 'user', 'values', '4032').split(', ').slice(0, 3)).toEqual([
      '1521',
      '1191',
      '2334',
    ]);
  });
});

describe('tables', () => {
  const rows = [
    { user_id: 'anna', item_id: '7', count: 2, timestamp: 1_700_000_000, device: 'phone', price: 1.5 },
    { user_id: 'bo', item_id: '8', count: 1, timestamp: 1_700_000_060, device: '', price: 2 },
    { user_id: 'anna', item_id: '8', count: 3, timestamp: 1_700_000_120, device: 'phone', price: null },
  ];
  const columns = Object.keys(rows[0]) as (keyof (typeof rows)[0])[];
  const lines = (separator: string) =>
    [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
      .map((fields) => fields.join(separator))
      .join('\n');
  const parquet = () =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: columns.map((name) => ({
          name,
          data: rows.map((row) => row[name]),
          ...(name === 'price' && { type: 'DOUBLE' as const, nullable: true }),
          ...((name === 'count' || name === 'timestamp') && { type: 'INT32' as const }),
        })),
      }),
    );

  it.each([
    ['took.csv', () => lines(',')],
    ['took.tsv', () => lines('\t')],
    ['took.csv.gz', () => gzipSync(lines(';'))],
    ['took.jsonl', () => rows.map((row) => JSON.stringify(row)).join('\n')],
    ['took.parquet', parquet],
  ])('are read the same from %s', async (name, content) => {
    const { data, report } = await read(file(name, content()));
    expect(edgesAsText(data, 'took')).toEqual([
      'anna → 7 w2 t1700000000',
      'bo → 8 w1 t1700000060',
      'anna → 8 w3 t1700000120',
    ]);
    expect([data.edges('took').from, data.edges('took').to]).toEqual(['user', 'item']);
    const { device, price } = data.edges('took').features;
    expect([0, 1, 2].map((edge) => featureText(device, edge))).toEqual(['phone', '', 'phone']);
    expect([0, 1, 2].map((edge) => featureText(price, edge))).toEqual(['1.5', '2', '']);
    expect(report.kept).toEqual({ 'user nodes': 2, 'item nodes': 2, 'took edges': 3 });
    expect(report.read).toEqual({ rows: 3 });
  });

  it('give nodes with features of every kind, over several rows and files', async () => {
    const { data, report } = await read(
      file('visits.csv', 'userID,placeID,rating\nu1,p1,2\nu1,p2,0\n'),
      file(
        'places.csv',
        'placeID,latitude,longitude,price,about,tags\n' +
          'p1,22.1,-100.9,low,the best soup of the whole town,soup|fish\n' +
          'p2,?,-100.8,high,a place where nobody has been so far,\n' +
          'p3,22.3,-100.7,low,small and loud and rather good,fish\n' +
          'p1,22.1,-100.9,high,the best soup of the whole town,bread|fish\n',
      ),
      file('users.csv', 'userID,age\nu2,31\nu1,?\n'),
    );
    const of = (name: string, id: string) => featureOf(data, 'place', name, id);
    expect(data.nodes('place').ids).toEqual(['p1', 'p2', 'p3']);
    expect(data.nodes('user').ids).toEqual(['u1', 'u2']);
    expect(['p1', 'p2', 'p3'].map((id) => of('coordinates', id))).toEqual([
      '-100.9, 22.1',
      '',
      '-100.7, 22.3',
    ]);
    expect(of('tags', 'p1')).toBe('soup, fish, bread');
    expect(of('about', 'p2')).toBe('a place where nobody has been so far');
    expect(featureOf(data, 'user', 'age', 'u2')).toBe('31');
    expect(featureOf(data, 'user', 'age', 'u1')).toBe('');
    expect(data.nodes('place').features.price.kind).toBe('multi');
    expect(of('price', 'p1')).toBe('low, high');
    expect(report.dropped).toEqual([]);
  });

  it('keep the first of several values where a node can have one, and say so', async () => {
    const { data, report } = await read(
      file('v.csv', 'user,item\na,b\n'),
      file('u.csv', 'user,age\na,3\na,4\na,3\n'),
    );
    expect(featureOf(data, 'user', 'age', 'a')).toBe('3');
    expect(report.notes).toEqual(['Nodes with several values of age, the first of which stays: 1 (u.csv:3)']);
  });

  it('are read as the user says', async () => {
    const choices = {
      type: 'liked',
      from: 'b',
      to: 'a',
      fromType: 'fan',
      toType: 'song',
      weight: 'n',
      time: 'none',
      'kind:when': 'none',
      'kind:c': 'multi',
      separator: '/',
    };
    const { data } = await read(file('odd.csv', 'a,b,c,n,when\n1,x,p/q,2,1700000000\n', choices));
    expect(edgesAsText(data, 'liked')).toEqual(['x → 1 w2']);
    expect(Object.keys(data.edges('liked').features)).toEqual(['c']);
    expect(featureText(data.edges('liked').features.c, 0)).toBe('p, q');
    expect(data.nodeTypes).toEqual(['fan', 'song']);
  });

  it('refuse choices that do not fit, by file and field', async () => {
    const attempt = async (choices: Record<string, string>) =>
      formatError((await refusal(file('x.csv', 'user,item\n1,2\n', choices))).toJSON());
    expect(await attempt({ weight: 'wight' })).toMatch(
      /x\.csv: weight: The file has no column "wight"\. Its columns are user, item\./,
    );
    expect(await attempt({ wieght: 'user' })).toContain('There is no field "wieght"');
    expect(await attempt({ to: 'user' })).toContain('Both ends are in one column');
    expect(await attempt({ role: 'song' })).toContain('A file cannot be "song"');
    expect(await attempt({ 'kind:user': 'number' })).toContain('cannot be kept as "number"');
    expect(await attempt({ role: 'nodes' })).toContain('None of the files has edges');
  });
});

describe('RecBole files', () => {
  const inter = file.bind(null, 'shop.inter');
  const content =
    'user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t9\t4\t881250949\n2\t9\t?\t881250950\n';

  it('are read by their typed headers', async () => {
    const { data } = await read(
      inter(content),
      file('shop.user', 'user_id:token\tage:token\tscores:float_seq\n2\t24\t0.5 1\n1\t53\t2 3\n'),
      file(
        'shop.item',
        'item_id:token\tname:token_seq\tclass:token_seq\n9\t"Heat" of it\tCrime Drama\n8\tToys\tComedy\n',
      ),
      file('shop.link', 'item_id:token\tentity_id:token\n9\tm.0x\n'),
    );
    expect(edgesAsText(data, 'interaction')).toEqual(['1 → 9 t881250949', '2 → 9 t881250950']);
    expect(edgesAsText(data, 'link')).toEqual(['9 → m.0x']);
    expect(data.edges('link').to).toBe('entity');
    expect(data.nodes('item').ids).toEqual(['9', '8']);
    expect(featureOf(data, 'item', 'name', '9')).toBe('"Heat" of it');
    expect(featureOf(data, 'item', 'class', '9')).toBe('Crime, Drama');
    expect(featureOf(data, 'user', 'scores 2', '1')).toBe('3');
    expect(data.nodes('user').features.age.kind).toBe('categorical');
  });

  it.each([
    ['1\t9\tfour\t881250949', 'shop.inter:4', 'rating:float: "four" is no number', 'Mend the line'],
    ['1\t9\t4\tyesterday', 'shop.inter:4', '"yesterday" is no time', 'Unix seconds'],
    ['1\t9', 'shop.inter:4', 'The row has 2 fields instead of 4', 'every row needs as many fields'],
  ])('stop at %j with file, line and remedy', async (line, place, found, remedy) => {
    const text = formatError((await refusal(inter(`${content}${line}\n${line}\n`))).toJSON());
    expect(text).toContain(place);
    expect(text.toLowerCase()).toContain(found.toLowerCase());
    expect(text).toContain(remedy);
    expect(text).toContain('1 more row cannot be read, either. Nothing was imported.');
  });

  it('leave malformed rows out when told to, and report them', async () => {
    const files = [inter(`${content}1\t9\tfour\t881250949\n`)];
    const { data, report } = await readInteractionFiles(files, { skipMalformed: true }, quietContext);
    expect(data.edges('interaction').count).toBe(2);
    expect(report.dropped).toMatchObject([{ reason: 'malformed', count: 1 }]);
  });
});

describe('files without a header', () => {
  it('are edge lists with times, counts, or neither', async () => {
    const timed = await read(file('m.txt', '1 2 1082040961\n3 4 1082155839\n'));
    expect(edgesAsText(timed.data, 'm')).toEqual(['1 → 2 t1082040961', '3 → 4 t1082155839']);
    expect(timed.data.nodeTypes).toEqual(['user']);
    const counted = await read(file('c.txt', '1\t2\t5\n1\t1\t7'));
    expect(edgesAsText(counted.data, 'c')).toEqual(['1 → 2 w5', '1 → 1 w7']);
    expect(counted.data.nodeTypes).toEqual(['user', 'item']);
    const bare = await read(file('p.txt', '1 2\n2 1\n', { toType: 'item' }));
    expect(edgesAsText(bare.data, 'p')).toEqual(['1 → 2', '2 → 1']);
    expect(bare.data.nodeTypes).toEqual(['user', 'item']);
  });

  it('are lists of items by user', async () => {
    const { data, report } = await read(file('train.txt', '0 5 6 7\n1\n2 5\n'));
    expect(edgesAsText(data, 'train')).toEqual(['0 → 5', '0 → 6', '0 → 7', '2 → 5']);
    expect(report.read.rows).toBe(4);
  });

  it('name the line with another number of fields, and leave out weights of nothing', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `${i} ${i} 2`);
    many[17_000] = '1 2';
    const error = await refusal(file('long.txt', many.join('\n')));
    expect(formatError(error.toJSON())).toMatch(/long\.txt:17001: .*2 fields instead of 3/);
    const { report } = await read(file('zero.txt', '1 2 0\n1 3 4\n1 4 4\n'));
    expect(report.dropped).toMatchObject([{ reason: 'weight', count: 1, examples: ['zero.txt:1: 0'] }]);
  });
});

describe('previewInteractions', () => {
  it('shows what files are taken for and which of their first rows would not be kept', async () => {
    const [preview] = await previewInteractions([
      file('took.csv', 'user,item,weight,timestamp\na,1,2,1700000000\na,,2,1700000000\nb,2,x,1700000000\n'),
    ]);
    expect(preview.plan).toMatchObject({
      role: 'edges',
      type: 'took',
      from: 'user',
      to: 'item',
      time: 'timestamp',
    });
    expect(preview.columns[0]).toEqual({ name: 'user', samples: ['a', 'a', 'b'] });
    expect(
      preview.problems.map(({ row, line, column, malformed }) => ({ row, line, column, malformed })),
    ).toEqual([
      { row: 1, line: 3, column: 'item', malformed: false },
      { row: 2, line: 4, column: 'weight', malformed: true },
    ]);
    const [chosen] = await previewInteractions([{ path: preview.path, choices: { weight: 'weight' } }]);
    expect(chosen.problems.map(({ row, malformed }) => [row, malformed])).toEqual([
      [1, false],
      [2, true],
    ]);
    const [other] = await previewInteractions([{ path: preview.path, choices: { weight: 'timestamp' } }]);
    expect(other.problems.map(({ row, malformed }) => [row, malformed])).toEqual([[1, false]]);
  });
});

describe.skipIf(!hasRecommendData)(`real data${needsRecommendData}`, () => {
  it('MovieLens: every rating as its line says', async () => {
    const path = recommendData('ml-100k/ml-100k.inter');
    const { data, report } = await read(
      { path },
      { path: recommendData('ml-100k/ml-100k.user') },
      { path: recommendData('ml-100k/ml-100k.item') },
    );
    expect(report.kept).toEqual({ 'user nodes': 943, 'item nodes': 1682, 'interaction edges': 100_000 });
    const { features } = data.edges('interaction');
    const lines = readFileSync(path, 'utf8').trim().split('\n').slice(1);
    const ratings = edgesAsText(data, 'interaction');
    for (const [i, line] of lines.entries()) {
      const [user, item, rating, time] = line.trim().split('\t');
      if (ratings[i] !== `${user} → ${item} t${time}` || featureText(features.rating, i) !== rating)
        expect.fail(`line ${i + 2}`);
    }
    expect(featureOf(data, 'item', 'movie_title', '1')).toBe('Toy Story');
    expect(featureOf(data, 'item', 'class', '1')).toBe("Animation, Children's, Comedy");
    expect(featureOf(data, 'user', 'occupation', '1')).toBe('technician');
  });

  it('CollegeMsg, lastfm, twitch and restaurants: as many as their descriptions say', async () => {
    const kept = async (folder: string, ...names: [string, Record<string, string>?][]) =>
      (await read(...names.map(([name, choices = {}]) => ({ path: recommendData(folder, name), choices }))))
        .report.kept;
    expect(await kept('college-messages', ['CollegeMsg.txt'])).toEqual({
      'user nodes': 1899,
      'CollegeMsg edges': 59_835,
    });
    const heard = { type: 'heard' };
    expect(
      await kept('lastfm', ['data1.txt', heard], ['test1.txt', heard], ['trustnetwork.txt']),
    ).toMatchObject({
      'user nodes': 1892,
      'item nodes': 4489,
      'heard edges': 42_135 + 10_533,
      'trustnetwork edges': 25_434,
    });
    expect(await kept('twitch', ['ENGB_edges.csv'], ['ENGB_target.csv', { id: 'new_id' }])).toEqual({
      'user nodes': 7126,
      'ENGB_edges edges': 35_324,
    });
    const restaurants = ['rating_final.csv', 'userprofile.csv', 'geoplaces2.csv', 'chefmozcuisine.csv'];
    expect(await kept('restaurants', ...restaurants.map((name): [string] => [name]))).toMatchObject({
      'user nodes': 138,
      'rating_final edges': 1161,
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { type Device, openDevice } from '../../../core/device/index.ts';
import { pairContext } from '../../../core/graph/index.ts';
import { RELATIONS, type Scales, storyNetwork } from '../../../models/stories/network.ts';
import { parseStorySettings } from '../../../models/stories/settings.ts';

const [NODES, N, E, WIDTH] = [6, 3, 2, 4];
const random = new Random(8);
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const scale = (names: string[]) => ({
  names,
  mean: names.map(() => 0.2),
  deviation: names.map(() => 1.5),
  mixing: names.flatMap((_, i) => names.map((__, j) => (i === j ? 1.3 : -0.1 * (i + j)))),
});
const scales: Scales = {
  nodes: scale(['a', 'b', 'c']),
  edges: scale(['d', 'e']),
  target: { mean: 0.4, deviation: 0.3 },
};
const keys = random.shuffle(
  Array.from({ length: NODES * NODES }, (_, key) => key).filter(
    (key) => Math.floor(key / NODES) !== key % NODES,
  ),
);
const graph = {
  nodeCount: NODES,
  senders: Int32Array.from(keys.slice(0, 16), (key) => Math.floor(key / NODES)),
  receivers: Int32Array.from(keys.slice(0, 16), (key) => key % NODES),
};
const asked = Int32Array.of(0, 5, 9);
const context = pairContext(graph, asked, { most: 20, random });
const [nodeFeatures, edgeFeatures] = [normals(NODES * N), normals(16 * E)];
const feed = {
  senders: graph.senders,
  receivers: graph.receivers,
  nodeFeatures,
  edgeFeatures,
  asked,
  ...Object.fromEntries(
    RELATIONS.flatMap((relation) => [
      [`pair/${relation}`, context[relation].pair],
      [`edge/${relation}`, context[relation].edge],
    ]),
  ),
};

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

describe.each([
  { messages: 'gated', links: 'product', intraEgo: 'attention' },
  { messages: 'edges', links: 'product', intraEgo: 'attention' },
  { messages: 'edges', links: 'linear', intraEgo: 'attention' },
  { messages: 'edges', links: 'linear', intraEgo: 'mean' },
] as const)('with $messages in messages, $links links and $intraEgo within egos', (given) => {
  it('is what the equations say, in float64, edge by edge', async () => {
    const network = storyNetwork(scales, parseStorySettings({ ...given, width: WIDTH, dropout: 0 }));
    const parameters = normals(network.layout.size).map((value) => 0.5 * value);
    const forward = await device.compile(network.forward);
    const { affinity } = await forward.run({ ...feed, parameters });
    const expected = plainAffinity(network.layout.parameters, parameters, given);
    expect(affinity.length).toBe(3);
    expected.forEach((value, pair) => {
      expect(affinity[pair]).toBeCloseTo(value, 5);
    });
    expect(new Set(affinity).size).toBe(3);
  });
});

it('adds the norms of the rows of both encoders to its loss, times sparsity and their parts of it', async () => {
  const sparsity = 0.25;
  const settings = { width: WIDTH, dropout: 0 };
  const [bare, penalised] = [0, sparsity].map((value) =>
    storyNetwork(scales, parseStorySettings({ ...settings, sparsity: value })),
  );
  const parameters = normals(bare.layout.size);
  const losses = await Promise.all(
    [bare, penalised].map(async ({ loss }) => {
      const executable = await device.compile(loss);
      return (await executable.run({ ...feed, parameters, target: normals(3).fill(0.5) })).loss[0];
    }),
  );
  const normsOf = (kernel: string) => {
    const { shape, offset } = bare.layout.parameters.find(({ name }) => name === kernel)!;
    return Array.from({ length: shape[0] }, (_, row) =>
      Math.hypot(...parameters.subarray(offset + row * WIDTH, offset + (row + 1) * WIDTH)),
    ).reduce((sum, norm) => sum + norm, 0);
  };
  const expected = sparsity * (1.67 * normsOf('user.kernel') + 0.67 * normsOf('pair.kernel'));
  expect(losses[1] - losses[0]).toBeCloseTo(expected, 4);
});

it('says the mean of its members, each of which learns by a loss of its own', async () => {
  const [one, two] = [1, 2].map((members) =>
    storyNetwork(scales, parseStorySettings({ width: WIDTH, dropout: 0, members })),
  );
  const { size } = one.layout;
  expect(two.layout.size).toBe(2 * size);
  const parameters = normals(2 * size).map((value) => 0.5 * value);
  const run = async (program: typeof one.loss, own: Float32Array) =>
    (await device.compile(program)).run({ ...feed, parameters: own, target: normals(3).fill(0.5) });
  const members = [parameters.slice(0, size), parameters.slice(size)];
  const alone = await Promise.all(members.map((own) => run(one.forward, own)));
  const losses = await Promise.all(members.map((own) => run(one.loss, own)));
  const together = await run(two.forward, parameters);
  together.affinity.forEach((value, pair) => {
    expect(value).toBeCloseTo((alone[0].affinity[pair] + alone[1].affinity[pair]) / 2, 5);
  });
  expect(together.users.length).toBe(alone[0].users.length + alone[1].users.length);
  expect((await run(two.loss, parameters)).loss[0]).toBeCloseTo(losses[0].loss[0] + losses[1].loss[0], 4);
});

it('reads no link that is taken away from it', async () => {
  const settings = parseStorySettings({ width: WIDTH, intraEgo: 'none', interEgo: 'none', edgeHead: 'no' });
  const { forward } = storyNetwork(scales, settings);
  expect(forward.nodes.some(({ op }) => op.kind === 'input' && op.name.startsWith('pair/'))).toBe(false);
});

type Row = number[];

function plainAffinity(
  layout: readonly { name: string; shape: readonly number[]; offset: number }[],
  parameters: Float32Array,
  { messages: sent, links, intraEgo }: { messages: string; links: string; intraEgo: string },
): number[] {
  const kernel = (name: string): Row[] => {
    const { shape, offset } = layout.find((parameter) => parameter.name === name)!;
    const columns = shape[1] ?? shape[0];
    const rows = shape.length === 1 ? 1 : shape[0];
    return Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (__, j) => parameters[offset + i * columns + j]),
    );
  };
  const times = (x: Row, w: Row[]): Row => w[0].map((_, j) => x.reduce((sum, v, i) => sum + v * w[i][j], 0));
  const plus = (a: Row, b: Row): Row => a.map((v, i) => v + b[i]);
  const line = (name: string, x: Row): Row =>
    plus(times(x, kernel(`${name}.kernel`)), kernel(`${name}.bias`)[0]);
  const encoded = (name: 'user' | 'pair', values: Float32Array, at: number): Row => {
    const { names, mixing } = scales[name === 'user' ? 'nodes' : 'edges'];
    const width = names.length;
    const scaled = Array.from(values.subarray(at * width, (at + 1) * width), (v) => (v - 0.2) / 1.5);
    const mixed = scaled.map((_, j) => scaled.reduce((sum, v, i) => sum + v * mixing[i * width + j], 0));
    return line(name, mixed).map(Math.tanh);
  };
  const mean = (rows: Row[]): Row =>
    Array.from(
      { length: WIDTH },
      (_, i) => rows.reduce((sum, r) => sum + r[i], 0) / Math.max(1, rows.length),
    );
  const dot = (a: Row, b: Row) => a.reduce((sum, v, i) => sum + v * b[i], 0);

  const e = Array.from(graph.senders, (_, edge) => encoded('pair', edgeFeatures, edge));
  let h = Array.from({ length: NODES }, (_, node) => encoded('user', nodeFeatures, node));
  for (const layer of [0, 1]) {
    h = h.map((own, v) => {
      const entering = Array.from(graph.senders.keys()).filter((edge) => graph.receivers[edge] === v);
      const messages = entering.map((edge) => {
        const from = h[graph.senders[edge]];
        const gates = sent === 'gated' ? line(`users.${layer}.gate`, e[edge]) : [];
        return [...from, ...e[edge], ...gates.flatMap((gate) => from.map((value) => gate * value))];
      });
      const width = kernel(`users.${layer}.message.kernel`).length;
      const average = Array.from(
        { length: width },
        (_, i) => messages.reduce((sum, m) => sum + m[i], 0) / Math.max(1, messages.length),
      );
      const self = times(own, kernel(`users.${layer}.self.kernel`));
      const neighbours = line(`users.${layer}.neighbours`, line(`users.${layer}.message`, average));
      return plus(self, neighbours).map((value) => Math.max(0, value));
    });
  }
  const r = e.map((features, edge) => {
    const [u, v] = [h[graph.senders[edge]], h[graph.receivers[edge]]];
    const [a, b] =
      links === 'product' ? [line('link.product.first', u), line('link.product.second', v)] : [[], []];
    return line('link', [...u, ...v, ...features, ...a.map((value, i) => value * b[i])]);
  });
  return Array.from(asked, (edge, pair) => {
    const around = RELATIONS.map((relation) => {
      const { pair: of, edge: links } = context[relation];
      const rows = Array.from(links)
        .filter((_, i) => of[i] === pair)
        .map((link) => r[link]);
      if (relation === 'between' || intraEgo === 'mean') return mean(rows);
      const powers = rows.map((own) => Math.exp(dot(own, r[edge]) / Math.sqrt(WIDTH)));
      const total = powers.reduce((sum, power) => sum + power, 0);
      return mean(rows.map((own, i) => own.map((v) => (v * powers[i] * rows.length) / total)));
    });
    const relations = line('relations', [r[edge], ...around].flat()).map(Math.tanh);
    const own = line('direct', e[edge]).map(Math.tanh);
    return 0.4 + 0.3 * line('score', [...relations, ...own])[0];
  });
}

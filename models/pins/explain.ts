import type { OpenRecommender } from '@etalon/core/app/model';
import { groupReasons } from '@etalon/core/app/recommend';
import { throwIfCancelled } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import { AttributionExplainer } from '@etalon/core/explain';
import { dot } from '@etalon/core/gnn';
import type { FlowBlock } from '@etalon/core/graph';
import { gather, type Program, Trace } from '@etalon/core/tensor';
import type { LoadedRun } from '../recommend/open.ts';
import { largest } from '../recommend/reasons.ts';
import type { Outputs } from '../recommend/system.ts';
import { feedOfPins, type PreparedPins } from './prepare.ts';
import type { PinsSettings } from './settings.ts';

type PinRun = LoadedRun<PreparedPins, PinsSettings>;
type Explain = OpenRecommender['explain'];

/** Points of the path at which gradients are taken. */
const STEPS = 32;
const SCORE = 'score';

/** Why a pin goes with another, or with a board of the type that is asked. */
export async function pinExplainer(run: PinRun, states: Outputs, device: Device): Promise<Explain> {
  const { askedBoards } = run.prepared.graph;
  if (!askedBoards) return pairExplainer(run, device);
  const { offsets, neighbours } = askedBoards;
  const { width } = run.settings;
  const { ids } = run.data.nodes(run.prepared.graph.pinType);
  return async (board, item) => {
    const pins = neighbours.subarray(offsets[board], offsets[board + 1]);
    const own = states.items.subarray(item * width, (item + 1) * width);
    const scoreOf = (pin: number) =>
      own.reduce((sum, value, k) => sum + value * states.items[pin * width + k], 0);
    return groupReasons(
      Array.from(pins, (pin) => ids[pin]),
      Array.from(pins, scoreOf),
    );
  };
}

/**
 * Shares z_q · z_i among the features of both pins and the messages that reach them, by integrated gradients on their localized convolutions,
 * from no feature and no message (shares of 0) to all of them. `interactions` are the neighbours of the pin that is asked about,
 * `neighbours` those of the one that is recommended; what goes through further pins is in the rest.
 */
async function pairExplainer(
  { data, prepared, settings, network, parameters }: PinRun,
  device: Device,
): Promise<Explain> {
  const { layers } = settings;
  const shares = Array.from({ length: layers }, (_, layer) => `share${layer}`);
  const explainer = await AttributionExplainer.compile(device, scoreProgram(network.forward), {
    output: SCORE,
    inputs: ['x', ...shares],
  });
  const { ids } = data.nodes(prepared.graph.pinType);
  const { names } = prepared.matrix;
  return async (query, item, context) => {
    throwIfCancelled(context.signal);
    const { flow, feed } = feedOfPins(prepared, settings, Int32Array.of(query, item));
    const [queryRow, itemRow] = flow.seedRows;
    const asked = { ...feed, parameters, query: Int32Array.of(queryRow), item: Int32Array.of(itemRow) };
    const { byInput, value, baselineValue } = await explainer.integratedGradients(
      asked,
      Float32Array.of(1),
      { baseline: 'zeros', steps: STEPS },
      context,
    );
    const last = flow.blocks[layers - 1];
    const entering = (row: number) =>
      largest(
        sharesInto(last, byInput[shares[layers - 1]], row).map(({ sender, share }) => ({
          node: ids[flow.nodes[sender]],
          share,
        })),
      );
    const featuresOf = (of: 'user' | 'item', row: number) =>
      byFeature(names, byInput.x.subarray(row * names.length, (row + 1) * names.length)).map((feature) => ({
        of,
        ...feature,
      }));
    const told = {
      interactions: entering(queryRow).map(({ node, share }) => ({ item: node, share })),
      neighbours: entering(itemRow).map(({ node, share }) => ({ user: node, share })),
      features: largest([...featuresOf('user', queryRow), ...featuresOf('item', itemRow)]),
    };
    const sum = Object.values(told)
      .flat()
      .reduce((total, { share }) => total + share, 0);
    return { score: value, alone: baselineValue, ...told, rest: value - baselineValue - sum };
  };
}

function scoreProgram(forward: Program): Program {
  const { trace, tensors } = Trace.from(forward);
  const states = tensors[forward.outputs[0].id];
  const [query, item] = ['query', 'item'].map((name) => trace.input(name, ['asked'], 'i32'));
  return trace.program({ [SCORE]: dot(gather(states, query), gather(states, item)) });
}

function sharesInto({ senders, receivers }: FlowBlock, shares: Float32Array, row: number) {
  return Array.from(receivers.keys())
    .filter((edge) => receivers[edge] === row)
    .map((edge) => ({ sender: senders[edge], share: shares[edge] }));
}

/** All columns of a text together: buckets have no names. */
function byFeature(names: readonly string[], shares: Float32Array): { name: string; share: number }[] {
  const total = new Map<string, number>();
  names.forEach((column, i) => {
    if (shares[i] === 0) return;
    const name = column.replace(/ #\d+$/, '');
    total.set(name, (total.get(name) ?? 0) + shares[i]);
  });
  return [...total].map(([name, share]) => ({ name, share }));
}

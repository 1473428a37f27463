import { Random } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import { AttributionExplainer, GnnExplainer } from '@etalon/core/explain';
import { bindParameters, linear, messagePassing, ParameterLayout } from '@etalon/core/gnn';
import { add, mean, type Program, square, sub, type Tensor, Trace } from '@etalon/core/tensor';
import { trainLoss } from '@etalon/core/train';

/** Seconds lost on a road: so many for its own jam, so many for that of each road that feeds it. */
export const OWN_S = 3;
export const FEEDING_S = 2;
const ROADS = 60;
const TURNS = 180;

/** Learns what jams cost, then asks of one road which jams its delay comes from, and by which turns. */
export async function delays(device: Device) {
  const random = new Random(2);
  const turns = drawTurns(random);
  const { layout, forward, loss } = delayNetwork();
  const days = Array.from({ length: 200 }, () => drawDay(turns, random));
  const { parameters } = await trainLoss({
    device,
    layout,
    loss,
    random,
    batches: days,
    epochs: 10,
    learningRate: 0.03,
  });
  const { observedS: _observedS, ...day } = drawDay(turns, random);
  const feed = { ...day, parameters };
  // The road that most turns lead to.
  const entering = Array.from({ length: ROADS }, (_, r) => turns.receivers.filter((to) => to === r).length);
  const road = entering.indexOf(Math.max(...entering));
  const ofRoad = Float32Array.from({ length: ROADS }, (_, r) => (r === road ? 1 : 0));

  const attribution = await AttributionExplainer.compile(device, forward, {
    output: 'delayS',
    inputs: ['jam'],
  });
  const path = { baseline: 'zeros', steps: 16 } as const;
  const { byInput, value, gap } = await attribution.integratedGradients(feed, ofRoad, path);
  await attribution.dispose();

  const masks = await GnnExplainer.compile(device, {
    program: forward,
    output: 'delayS',
    goal: 'value',
    messages: { indices: ['receivers'] },
  });
  const { edges } = await masks.explain(feed, ofRoad, random);
  await masks.dispose();
  return { road, day, value, gap, byRoad: byInput.jam, byTurn: edges };
}

/** A road adds its own jam and those of the roads that feed it, each through a linear layer. */
function delayNetwork(): { layout: ParameterLayout; forward: Program; loss: Program } {
  const layout = new ParameterLayout();
  const own = linear(layout, 'own', 1, 1);
  const feeding = linear(layout, 'feeding', 1, 1);
  const block = messagePassing({
    messages: (weights, { senders }) => feeding(weights, senders),
    nodes: (weights, { nodes, incoming }) => add(own(weights, nodes), incoming),
  });
  const delayOf = (trace: Trace): Tensor => {
    const senders = trace.input('senders', ['turns'], 'i32');
    const receivers = trace.input('receivers', ['turns'], 'i32');
    const nodes = trace.input('jam', ['roads', 1]);
    return block(bindParameters(trace, layout), { senders, receivers }, { nodes }).nodes;
  };
  const trace = new Trace();
  const forward = trace.program({ delayS: delayOf(trace) });
  const withLabels = new Trace();
  const error = sub(delayOf(withLabels), withLabels.input('observedS', ['roads', 1]));
  return { layout, forward, loss: withLabels.program({ loss: mean(square(error)) }) };
}

interface Turns {
  senders: Int32Array;
  receivers: Int32Array;
}

function drawTurns(random: Random): Turns {
  const ends = () => Int32Array.from({ length: TURNS }, () => random.int(ROADS));
  return { senders: ends(), receivers: ends() };
}

/** Every second road is jammed, by 1 to 2; the others are free. */
function drawDay({ senders, receivers }: Turns, random: Random) {
  const jam = Float32Array.from({ length: ROADS }, () => (random.int(2) === 0 ? 0 : 1 + random.uniform()));
  const observedS = jam.map((own) => OWN_S * own);
  for (const [turn, to] of receivers.entries()) observedS[to] += FEEDING_S * jam[senders[turn]];
  return { senders, receivers, jam, observedS };
}

import { Random } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import {
  bindParameters,
  categoricalCrossEntropy,
  gcn,
  graphInputs,
  identity,
  ParameterLayout,
  weightedMean,
} from '@etalon/core/gnn';
import { gcnScale } from '@etalon/core/graph';
import { Trace } from '@etalon/core/tensor';
import { accuracy, likeliestClass } from '@etalon/core/train';
import { structureOf, undirectedGraph } from './graphs.ts';
import { type Network, predict, train } from './training.ts';

/** People of two parties. Two of one party know each other more often than two of different ones. */
export const PEOPLE = 2000;
export const KNOWS = { inside: 0.008, across: 0.002 };

/** Each says something, which is drawn around +LEANING for one party and −LEANING for the other, with deviation 1. */
export const LEANING = 0.6;

/**
 * Node classification: the party of half of the people is known; which party are the others of? What one says tells little, what
 * all those whom one knows say tells more.
 */
export async function nodeClassification(device: Device) {
  const network = partyNetwork();
  const { feed, party } = people(new Random(1));
  const weights = await train(device, network, Array(150).fill(feed), { learningRate: 0.02, seed: 1 });

  const { logits } = await predict(device, network, feed, weights);
  const asked = [...party.keys()].filter((person) => feed.isKnown[person] === 0);
  const answers = likeliestClass(logits, 2);
  return {
    accuracy: accuracy(
      asked.map((person) => answers[person]),
      asked.map((person) => party[person]),
    ),
    people: asked.length,
  };
}

/** Two graph convolutions; the second gives the logits of both parties. */
function partyNetwork(): Network {
  const layout = new ParameterLayout();
  const first = gcn(layout, 'first', { inputs: 1, outputs: 16 });
  const second = gcn(layout, 'second', { inputs: 16, outputs: 2, activation: identity });

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const structure = { ...graphInputs(trace), nodeScale: trace.input('nodeScale', ['nodes', 1]) };
  const hidden = first(weights, structure, { nodes: trace.input('says', ['nodes', 1]) });
  const logits = second(weights, structure, hidden).nodes;
  const forward = trace.program({ logits });

  // Labels of those who are asked take no part: their weight is 0.
  const party = trace.input('party', ['nodes'], 'i32');
  const isKnown = trace.input('isKnown', ['nodes', 1]);
  const loss = weightedMean(categoricalCrossEntropy(logits, party), isKnown);
  return { layout, forward, loss: trace.program({ loss }) };
}

function people(random: Random) {
  const party = Int32Array.from({ length: PEOPLE }, (_, person) => person % 2);
  const graph = undirectedGraph(
    PEOPLE,
    (a, b) => random.uniform() < (party[a] === party[b] ? KNOWS.inside : KNOWS.across),
  );
  const says = Float32Array.from(party, (side) => (side === 1 ? LEANING : -LEANING) + random.normal());
  const isKnown = Float32Array.from(party, () => random.int(2));
  return { party, feed: { ...structureOf(graph), nodeScale: gcnScale(graph), says, isKnown, party } };
}

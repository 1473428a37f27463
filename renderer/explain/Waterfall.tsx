import type { ApiExplanation } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { WaterfallBars } from '../charts/WaterfallBars.tsx';
import { fixed, signed } from '../format/format.ts';
import { useTheme } from '../theme/theme.ts';
import { LATER_RAMP, type Step, waterfall } from './contribution.ts';

const LABEL_PX = 122;
const VALUE_PX = 40;

/** What adds up to the ETA, a bar each, from the free flow down to the prediction. */
export function Waterfall({ why }: { why: ApiExplanation }) {
  const steps = waterfall(why);
  return (
    <Figure
      title="What adds up to it"
      quantity="min"
      xLabel="minutes"
      table={{
        head: ['what', 'min'],
        rows: steps.map((step) => [step.label, amount(step)]),
        exact: [
          ['Free flow', why.freeFlowS / 60],
          ['Slower roads', why.roadS / 60],
          ['Signals and turns', why.junctionsS / 60],
          ['Hour', why.hourS / 60],
          ['Usual at this hour', why.usualS / 60],
          ...why.inputs.map(({ label, seconds }): [string, number] => [label, seconds / 60]),
          ['Predicted', why.etaS / 60],
        ],
      }}
    >
      <Bars steps={steps} />
    </Figure>
  );
}

function Bars({ steps }: { steps: readonly Step[] }) {
  const ramp = LATER_RAMP[useTheme((state) => state.theme)];
  const colours = {
    start: 'var(--baseline)',
    usual: 'var(--baseline)',
    predicted: 'var(--accent)',
    more: ramp[5]!,
    less: ramp[1]!,
  };
  return (
    <WaterfallBars
      label={steps.map((step) => `${step.label} ${amount(step)} min`).join(', ')}
      labelPx={LABEL_PX}
      valuePx={VALUE_PX}
      steps={steps.map((step) => ({
        label: step.label,
        from: step.fromS,
        until: step.untilS,
        isSum: step.kind === 'usual' || step.kind === 'predicted',
        color:
          step.kind === 'change' ? colours[step.untilS >= step.fromS ? 'more' : 'less'] : colours[step.kind],
        text: amount(step),
      }))}
    />
  );
}

function amount({ kind, fromS, untilS }: Step): string {
  return kind === 'change' ? signed((untilS - fromS) / 60) : fixed(untilS / 60);
}

import { useId } from 'react';

interface LabelledChoiceProps {
  label: string;
  value: string;
  choices: readonly { value: string; text?: string }[];
  choose(value: string): void;
}

/** What a figure shows, chosen beside its name. */
export function LabelledChoice({ label, value, choices, choose }: LabelledChoiceProps) {
  const id = useId();
  return (
    <>
      <label htmlFor={id} className="secondary">
        {label}
      </label>
      <select
        id={id}
        className="input judge-select"
        value={value}
        onChange={(event) => choose(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text ?? choice.value}
          </option>
        ))}
      </select>
    </>
  );
}

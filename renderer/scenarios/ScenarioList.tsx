import { Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ApiScenario } from '../api/types.ts';
import { ago, counted } from '../format/format.ts';
import { AskRemove } from '../shell/AskRemove.tsx';
import { useScenarios } from '../stores/scenarios.ts';

/** The saved scenarios; the open one's name is a field. */
export function ScenarioList() {
  const { list, id, open } = useScenarios();
  const [asking, setAsking] = useState<ApiScenario | null>(null);
  return (
    <section className="scenario-list" aria-label="Saved scenarios">
      <h2>
        Saved <span className="secondary">{list.length}</span>
      </h2>
      <ul>
        {list.toReversed().map((scenario) => (
          <li key={scenario.id} className="scenario-row" aria-current={scenario.id === id}>
            {scenario.id === id ? (
              <NameField name={scenario.name} />
            ) : (
              <button type="button" className="scenario-name ellipsis" onClick={() => open(scenario.id)}>
                {scenario.name}
              </button>
            )}
            <span className="note">
              {counted(scenario.edits.length, 'edit')} · {ago(scenario.changedAt)}
            </span>
            <button
              type="button"
              className="button icon small plain"
              aria-label={`Delete ${scenario.name}`}
              onClick={() => setAsking(scenario)}
            >
              <Trash2 size={13} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      {asking && <AskDelete scenario={asking} close={() => setAsking(null)} />}
    </section>
  );
}

function AskDelete({ scenario, close }: { scenario: ApiScenario; close(): void }) {
  const remove = useScenarios((state) => state.remove);
  return (
    <AskRemove
      title={`Delete ${scenario.name}?`}
      what="scenario"
      verb="Delete"
      remove={() => void remove(scenario.id)}
      close={close}
    >
      Its edits are deleted from the project ({counted(scenario.edits.length, 'edit')}). Roads and trips stay.
    </AskRemove>
  );
}

function NameField({ name }: { name: string }) {
  const rename = useScenarios((state) => state.rename);
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const done = () => {
    if (text.trim() && text !== name) void rename(text);
    else setText(name);
  };
  return (
    <input
      className="scenario-name field-like"
      aria-label="Name of the scenario"
      value={text}
      spellCheck={false}
      onChange={(event) => setText(event.target.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
      }}
    />
  );
}

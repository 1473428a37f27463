import { actions } from '../actions/actions.ts';
import { shownKeys } from '../actions/keys.ts';
import { type ActionGroup, isOffered } from '../actions/registry.ts';
import { useShell } from '../stores/shell.ts';
import { Dialog } from './Dialog.tsx';

export function HelpSheet() {
  const { show, singleKeys, setSingleKeys } = useShell();
  const groups = [...new Set(actions.map((entry) => entry.group))];
  return (
    <Dialog
      title="Help and shortcuts"
      close={() => show(null)}
      footer={
        <label className="row">
          <input
            type="checkbox"
            checked={singleKeys}
            onChange={(event) => setSingleKeys(event.target.checked)}
          />
          Single-letter shortcuts act outside fields
        </label>
      }
    >
      <div className="help-columns">
        {groups.map((group) => (
          <HelpGroup key={group} group={group} />
        ))}
        <section>
          <h3>On the map</h3>
          <dl className="help-keys">
            <dt>Arrows</dt>
            <dd>Pan</dd>
            <dt>+ −</dt>
            <dd>Zoom</dd>
            <dt>Enter</dt>
            <dd>Open the segment nearest to the centre</dd>
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

function HelpGroup({ group }: { group: ActionGroup }) {
  const entries = actions.filter((entry) => entry.group === group && entry.keys && isOffered(entry));
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>{group}</h3>
      <dl className="help-keys">
        {entries.map((entry) => (
          <div key={entry.id}>
            <dt>
              {entry.keys?.map((keys) => (
                <kbd key={keys} className="key">
                  {shownKeys(keys)}
                </kbd>
              ))}
            </dt>
            <dd>{entry.label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useLayer } from './layers.ts';

interface SearchBoxProps<Hit> {
  label: string;
  placeholder: string;
  /** What is chosen, as it is shown. */
  value: string;
  /** Fewer letters find nothing; 0: what is found without any is shown at once. */
  least: number;
  search(text: string): Promise<readonly Hit[]>;
  hitKey(hit: Hit): string;
  show(hit: Hit): ReactNode;
  choose(hit: Hit): void;
  /** Names the list for assistive tools. */
  hits: string;
  className?: string;
}

/** Type a part of a name, choose what is found. */
export function SearchBox<Hit>(props: SearchBoxProps<Hit>) {
  const { label, placeholder, value, least, hitKey, show, className = '' } = props;
  const [text, setText] = useState<string | null>(null);
  const [hits, setHits] = useState<readonly Hit[]>([]);
  const [at, setAt] = useState(0);
  const listId = useId();
  const shown = text !== null && hits.length > 0;
  const stop = () => {
    setText(null);
    setHits([]);
  };
  useLayer(shown, stop);

  // Another function each time it is drawn, the same question.
  const search = useRef(props.search);
  search.current = props.search;
  useEffect(() => {
    if (text === null || text.trim().length < least) {
      setHits([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      search
        .current(text.trim())
        .then((found) => {
          if (!current) return;
          setHits(found);
          setAt(0);
        })
        .catch(() => current && setHits([]));
    }, 150);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, least]);

  const choose = (hit: Hit) => {
    stop();
    props.choose(hit);
  };
  const key = (event: React.KeyboardEvent) => {
    if (!shown) return;
    if (event.key === 'ArrowDown') setAt((at + 1) % hits.length);
    else if (event.key === 'ArrowUp') setAt((at - 1 + hits.length) % hits.length);
    else if (event.key === 'Enter') choose(hits[at]!);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <input
        role="combobox"
        className={className}
        aria-label={label}
        aria-expanded={shown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown ? `${listId}-${at}` : undefined}
        placeholder={placeholder}
        value={text ?? value}
        spellCheck={false}
        onFocus={() => least === 0 && setText('')}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => setTimeout(stop, 150)}
        onKeyDown={key}
      />
      {shown && (
        <div id={listId} role="listbox" aria-label={props.hits} className="popover left below place-hits">
          {hits.map((hit, i) => (
            <button
              key={hitKey(hit)}
              id={`${listId}-${i}`}
              type="button"
              role="option"
              tabIndex={-1}
              aria-selected={i === at}
              className="menu-item"
              onClick={() => choose(hit)}
            >
              {show(hit)}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

import { useEffect, useState } from 'react';
import { action } from '../actions/actions.ts';
import { Dialog } from '../shell/Dialog.tsx';

/** A page is not told where a dropped file lies, and files here are read in place: say so, and offer the way that works. */
export function DropNotice() {
  const [over, setOver] = useState(false);
  const [dropped, setDropped] = useState<string | null>(null);

  useEffect(() => {
    const files = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!files(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!files(event)) return;
      event.preventDefault();
      setOver(false);
      setDropped(event.dataTransfer?.files[0]?.name ?? 'The file');
    };
    window.addEventListener('dragover', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, []);

  if (over)
    return (
      <div className="drop-target" aria-hidden>
        <p>Drop to see how to import this file</p>
      </div>
    );
  if (dropped === null) return null;
  const project = /\.etalon$/i.test(dropped);
  const next = action(project ? 'project.open' : 'data.import');
  const close = () => setDropped(null);
  return (
    <Dialog
      title={`${dropped} was not read`}
      close={close}
      footer={
        <>
          <span className="grow" />
          <button
            type="button"
            data-autofocus
            className="button primary"
            onClick={() => {
              close();
              next.run();
            }}
          >
            {project ? 'Open a project' : 'Choose it from its folder'}
          </button>
        </>
      }
    >
      <p>
        Etalon reads files where they lie, and a dropped file does not say where that is. Choose it from its
        folder instead: nothing is copied or uploaded.
      </p>
    </Dialog>
  );
}

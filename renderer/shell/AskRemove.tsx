import type { ReactNode } from 'react';
import { Dialog } from './Dialog.tsx';

interface AskRemoveProps {
  title: string;
  /** What is removed, for the buttons: "Keep run". */
  what: string;
  verb: 'Delete' | 'Remove';
  remove(): void;
  close(): void;
  /** What is lost, and what stays. */
  children: ReactNode;
}

/** Asks before something is lost; keeping it is the answer at hand. */
export function AskRemove({ title, what, verb, remove, close, children }: AskRemoveProps) {
  return (
    <Dialog
      role="alertdialog"
      title={title}
      close={close}
      footer={
        <>
          <span className="grow" />
          <button type="button" className="button" data-autofocus onClick={close}>
            Keep {what}
          </button>
          <button
            type="button"
            className="button danger"
            onClick={() => {
              close();
              remove();
            }}
          >
            {verb} {what}
          </button>
        </>
      }
    >
      <p>{children}</p>
    </Dialog>
  );
}

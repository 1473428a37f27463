import { useShell } from '../stores/shell.ts';

/** Hands a file to the browser's, or the shell's, own way of saving. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download reads the address after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  useShell.getState().say(`Saved ${name}`);
}

export const saveText = (name: string, type: string, text: string): void =>
  saveFile(name, new Blob([text], { type: `${type};charset=utf-8` }));

/** Puts text on the clipboard; false where nothing allows it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** The way that needs no permission: a desktop window grants none. */
function copySelected(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}

export async function copyCsv(what: string, csv: string): Promise<void> {
  const copied = await copyText(csv);
  useShell.getState().say(copied ? `Copied ${what} as CSV` : 'The clipboard is not allowed here');
}

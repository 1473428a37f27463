import { app, type IpcMainEvent, type Session, shell, type WebContents } from 'electron';
import { ORIGIN } from './appProtocol.ts';

/** Pages that a link may open in the system's browser; every other one goes nowhere. */
const EXTERNAL = ['https://www.openstreetmap.org/copyright', 'https://openstreetmap.org/copyright'];

/** No page is granted anything: no camera, location, notification or device. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

/** Whatever web contents come to be: they stay on their page, open no window and embed no other page. */
export function denyNavigation(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (EXTERNAL.includes(url)) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
}

/** Messages count only from the main frame of our window, while it shows our page. */
export function isOwnSender({ sender, senderFrame }: IpcMainEvent, own: WebContents | undefined): boolean {
  return sender === own && senderFrame !== null && senderFrame.parent === null && isOwnPage(senderFrame.url);
}

function isOwnPage(url: string): boolean {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}` === ORIGIN && pathname === '/';
}

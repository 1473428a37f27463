import { ipcRenderer } from 'electron';

/**
 * Hands the window its port to the host, and nothing else: no function and no object of Electron reaches the page. The
 * page asks when it is ready to listen; main sends a port then, and again when the host was started anew.
 */
window.addEventListener('message', ({ source, data }) => {
  if (source === window && data?.type === 'etalon-ready') ipcRenderer.send('etalon:ready');
});

ipcRenderer.on('etalon:port', ({ ports }) => {
  window.postMessage({ type: 'etalon-port' }, window.location.origin, ports);
});

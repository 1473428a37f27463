import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares in a time that says nothing about where the two differ, nor about the token's length. */
export function isToken(given: string | null, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token));
}

/** The names under which this server may be reached. Another one means that a foreign name was pointed here (DNS rebinding). */
export function hasOwnHost({ headers }: IncomingMessage, port: number): boolean {
  return ownHosts(port).includes(headers.host ?? '');
}

/** A socket may be opened by this server's own page only; browsers always say which page asks. */
export function hasOwnOrigin({ headers }: IncomingMessage, port: number): boolean {
  return ownHosts(port).some((host) => headers.origin === `http://${host}`);
}

/**
 * Headers of every answer. MapLibre starts its worker from a file of ours or from a Blob; `connect-src` names the socket,
 * as not every browser counts it as 'self'.
 */
export function securityHeaders(port: number): Record<string, string> {
  const sockets = ownHosts(port).map((host) => `ws://${host}`);
  const policy = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'connect-src': `'self' ${sockets.join(' ')}`,
    'worker-src': "'self' blob:",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'Content-Security-Policy': Object.entries(policy)
      .map(([directive, sources]) => `${directive} ${sources}`)
      .join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  };
}

function ownHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

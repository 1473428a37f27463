export { createMessagePortClient, createWebSocketClient, type EtalonClient } from './client.ts';
export * from './contract.ts';
export { type ServerSocket, serveMessagePort, serveWebSocket } from './server.ts';

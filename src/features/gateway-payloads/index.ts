export { type CaptureService, createCapture } from './capture-service.ts';
export { applyPayloadRetention, erasePayloads } from './erase-payloads.ts';
export { openPayload, payloadState } from './open-payload.ts';
export { openPayloadStore } from './payload-store.ts';
export { gatewayPayloadRoutes } from './routes.ts';

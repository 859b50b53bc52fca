import type { Known } from '#src/facts/index.ts';

/** Gateways whose configuration can be read. */
export const GATEWAY_KINDS = ['kong', 'envoy', 'nginx', 'litellm'] as const;
export type GatewayKind = (typeof GATEWAY_KINDS)[number];

export type ConfigFile = { name: string; text: string };

/** What a configuration says of one thing, and by what: a plugin, a directive, a policy. Never a value of it. */
export type Said = { state: Known; by: string };

export type RouteReading = {
  /** Its name where it has one, else what it matches. The same for as long as the route is. */
  route: string;
  file: string;
  line: number;
  /** Refuses every call: nothing is behind it. */
  isClosed: boolean;
  authenticated: Said;
  requestsLimited: Said;
  tokensLimited: Said;
};

export type ConfigReading = {
  gateway: GatewayKind;
  routes: RouteReading[];
  /** What of the files was not read, and why: `nginx.conf line 12: …`. Empty when they were read whole. */
  faults: string[];
};

export const FILES_MAX = 50;
export const FILE_MAX_BYTES = 1_048_576;
export const ROUTES_MAX = 2_000;
export const FAULTS_MAX = 20;

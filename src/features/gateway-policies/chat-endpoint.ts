export const CHAT_ENDPOINTS = { openai: '/chat/completions', anthropic: '/messages' } as const;

/** The path under which a route is asked in chat: a route is a prefix, or the endpoint itself. */
export function chatEndpoint(path: string, kind: keyof typeof CHAT_ENDPOINTS): string {
  const endpoint = CHAT_ENDPOINTS[kind];
  const prefix = path.replace(/\/+$/, '');
  if (prefix.endsWith(endpoint)) return prefix;
  return /\/v\d+(\/|$)/.test(prefix) ? `${prefix}${endpoint}` : `${prefix}/v1${endpoint}`;
}

// Names of the OpenTelemetry semantic conventions for generative AI. They are still "development" and move, so they are
// pinned here and the version goes out with every export. Source: opentelemetry.io, semantic conventions 1.37.
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.37.0';
export const SCOPE_NAME = 'assay.gateway';

export const ATTRIBUTES = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  tokenType: 'gen_ai.token.type',
  errorType: 'error.type',
  serviceName: 'service.name',
  serviceInstance: 'service.instance.id',
  httpStatus: 'http.response.status_code',
} as const;

export const METRICS = {
  duration: 'gen_ai.client.operation.duration',
  tokens: 'gen_ai.client.token.usage',
  firstChunk: 'gen_ai.server.time_to_first_token',
} as const;

/** Bucket bounds the conventions advise: seconds and tokens. */
export const DURATION_BOUNDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
export const TOKEN_BOUNDS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

export const OPERATIONS: Readonly<Record<string, string>> = {
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'chat',
  '/v1/messages': 'chat',
  '/v1/completions': 'text_completion',
  '/v1/embeddings': 'embeddings',
};

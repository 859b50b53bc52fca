import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { AppError, ERROR_STATUS, type ErrorCode } from '#src/kernel/errors.ts';
import { databaseProblem, describeError } from './failure.ts';
import type { App } from './route.ts';

const ERROR_CODES = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

export const PROBLEM_TYPE = 'application/problem+json';

/** The body of every answer that is not a success. Source: RFC 9457, with members of our own. */
export const problemSchema = z
  .object({
    status: z.int(),
    title: z.string(),
    /** Closed list: programs decide by this. */
    code: z.enum(ERROR_CODES),
    /** For a person: what failed, on what, what to do next. */
    message: z.string(),
    /** Finds the line in the server's log. */
    requestId: z.string(),
    /** Which parts of the request were not accepted, and why: `{ "size.bytes": "must be …" }`. */
    fields: z.record(z.string(), z.string()).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

const TITLES: Record<ErrorCode, string> = {
  invalid_input: 'The request was not accepted',
  unauthenticated: 'Sign-in needed',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  method_not_allowed: 'Method not allowed',
  conflict: 'Conflict',
  too_large: 'Too large',
  unsupported: 'Unsupported content',
  rate_limited: 'Too many requests',
  internal: 'Internal error',
  unavailable: 'Unavailable',
};

// What the framework itself refuses, by its closed codes, in words that name the next step.
const FRAMEWORK_PROBLEMS: Record<string, { code: ErrorCode; message: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'too_large', message: 'The request body is over the limit. Send less at once.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported',
    message: 'The body has a content type this address does not read. Send application/json.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid_input', message: 'The body is empty although JSON was announced.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid_input', message: 'The body is not valid JSON.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_input',
    message: 'The body does not have the length its Content-Length header says.',
  },
  FST_ERR_BAD_URL: { code: 'invalid_input', message: 'The address holds an escape sequence that is not valid.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'invalid_input', message: 'A part of the address is too long.' },
  FST_REQ_FILE_TOO_LARGE: { code: 'too_large', message: 'The file is over the upload limit.' },
  FST_FILES_LIMIT: { code: 'too_large', message: 'Too many files in one upload.' },
  FST_PARTS_LIMIT: { code: 'too_large', message: 'Too many parts in one upload.' },
  FST_FIELDS_LIMIT: { code: 'too_large', message: 'Too many fields in one upload.' },
  FST_PROTO_VIOLATION: { code: 'invalid_input', message: 'A field has a name that is not allowed.' },
  FST_INVALID_MULTIPART_CONTENT_TYPE: {
    code: 'unsupported',
    message: 'This address reads uploads. Send multipart/form-data.',
  },
};

const CODE_OF_STATUS = new Map<number, ErrorCode>(ERROR_CODES.map((code) => [ERROR_STATUS[code], code]));

/** Answers every failure as `application/problem+json` and writes it to the log; what is not expected tells the caller nothing. */
export function answerProblems(app: App): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const problem = problemOf(error, request);
    if (problem.status >= 500) request.log.error({ err: describeError(error) }, 'a request failed');
    else if (error instanceof AppError && error.details)
      request.log.info({ code: error.code, details: error.details }, 'a request was refused');
    return sendProblem(reply, problem);
  });
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="assay"');
  return (
    reply
      .code(problem.status)
      .type(PROBLEM_TYPE)
      // A route that declares a schema for this status would cut the body down to it.
      .serializer((body: unknown) => JSON.stringify(body))
      .send(problem)
  );
}

export function problem(
  code: ErrorCode,
  message: string,
  request: FastifyRequest,
  fields?: Problem['fields'],
): Problem {
  return {
    status: ERROR_STATUS[code],
    title: TITLES[code],
    code,
    message,
    requestId: request.id,
    ...(fields ? { fields } : {}),
  };
}

function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof AppError) return problem(error.code, error.message, request);
  if (hasZodFastifySchemaValidationErrors(error)) return validationProblem(error, request);
  const known = isFastifyError(error) ? frameworkProblem(error) : databaseProblem(error);
  if (known) return problem(known.code, known.message, request);
  return problem(
    'internal',
    `Something went wrong on the server. The log has it under request ${request.id}.`,
    request,
  );
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}

function frameworkProblem(error: FastifyError): { code: ErrorCode; message: string } | undefined {
  const named = FRAMEWORK_PROBLEMS[error.code];
  if (named) return named;
  const code = CODE_OF_STATUS.get(error.statusCode ?? 500);
  if (!code || code === 'internal') return undefined;
  return { code, message: error instanceof SyntaxError ? 'The body is not valid JSON.' : `${TITLES[code]}.` };
}

// How the place is called when the whole of it is at fault.
const PLACES: Record<string, string> = { body: 'body', querystring: 'query', params: 'address', headers: 'headers' };
const FIELDS_SHOWN_MAX = 20;

function validationProblem(
  error: Pick<FastifyError, 'validationContext'> & { validation: NonNullable<FastifyError['validation']> },
  request: FastifyRequest,
): Problem {
  const place = PLACES[error.validationContext ?? 'body'] ?? 'body';
  const problems = error.validation.slice(0, FIELDS_SHOWN_MAX).flatMap(({ instancePath, message, params }) => {
    const parent = instancePath.split('/').filter(Boolean);
    const unknown = 'keys' in params && Array.isArray(params.keys) ? params.keys.slice(0, FIELDS_SHOWN_MAX) : [];
    if (unknown.length > 0) return unknown.map((key) => [fieldName([...parent, String(key)]), 'is not known here']);
    return [[fieldName(parent) || place, message ?? 'is not valid']];
  });
  const sentence = problems.map(([field, message]) => `${field}: ${message}`).join('; ');
  return problem(
    'invalid_input',
    `The request was not accepted. ${sentence}`.slice(0, 2000),
    request,
    // Reversed, so that the first thing wrong with a field is the one that stays.
    Object.fromEntries(problems.reverse()),
  );
}

function fieldName(path: string[]): string {
  return path.join('.').slice(0, 200);
}

import type { ObjectReference } from './object-ids.ts';

/** The words of a provider for what is not there. */
export type NotFound = { status: number; message: string; type: string; param: string | null; code: string | null };

const SINGULAR: Record<string, string> = {
  assistants: 'assistant',
  batches: 'batch',
  containers: 'container',
  conversations: 'conversation',
  evals: 'eval',
  messages: 'message',
  runs: 'run',
  threads: 'thread',
  uploads: 'upload',
  videos: 'video',
};
/** An id that is told back to the caller who sent it: nothing else fits. */
const TELLABLE = /^[\w.:-]{1,200}$/;

/**
 * What the provider itself would say of an object that was never made: whoever asks for another tenant's learns nothing from
 * the difference. Wordings in the usual form of OpenAI and Anthropic; they were not compared with live answers.
 */
export function notFound(shape: 'openai' | 'anthropic', { id, place }: ObjectReference): NotFound {
  const told = TELLABLE.test(id) ? id : '';
  if (shape === 'anthropic')
    return { status: 404, message: 'Not found', type: 'not_found_error', param: null, code: null };
  const form = (message: string, more: Partial<NotFound> = {}): NotFound => ({
    status: 404,
    message,
    type: 'invalid_request_error',
    param: null,
    code: null,
    ...more,
  });
  switch (place) {
    case 'previous_response_id':
      return form(`Previous response with id '${told}' not found.`, {
        status: 400,
        param: 'previous_response_id',
        code: 'previous_response_not_found',
      });
    case 'responses':
    case 'response_id':
      return form(`Response with id '${told}' not found.`);
    case 'vector_stores':
    case 'vector_store_id':
    case 'vector_store_ids':
      return form(`Vector store with id '${told}' not found.`);
    case 'jobs':
      return form(`Could not find fine tune: ${told}`, { param: 'fine_tune_id', code: 'fine_tune_not_found' });
    case 'models':
    case 'model':
      return form(`The model \`${told}\` does not exist or you do not have access to it.`, { code: 'model_not_found' });
    case 'input':
      return form(`Item with id '${told}' not found.`, { param: 'input' });
    case 'files':
    case 'file_id':
    case 'file_ids':
    case 'input_file_id':
    case 'training_file':
    case 'validation_file':
      return form(`No such File object: ${told}`, { param: 'id' });
    default:
      return form(`No ${SINGULAR[place] ?? 'object'} found with id '${told}'.`);
  }
}

import type { Pin } from '#src/facts/index.ts';

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const VERSION_TAG = /^(?:refs\/tags\/)?(?:v|version-|release-)?\d+(?:\.\d+){0,3}(?:[-+._][\w.-]{1,40})?$/i;
// Registry aliases and branches by their usual names: what they point to changes without a change here.
const MOVING =
  /^(?:main|master|dev|develop|head|latest|stable|nightly|production|staging|champion|challenger|none|archived|trunk)$/i;

/** How a revision of a hub, registry or repository is held. No revision is `floating`; a name that is no version is, too. */
export function pinOfRevision(revision: string | null): Pin {
  if (revision === null || revision === '' || MOVING.test(revision)) return 'floating';
  if (COMMIT.test(revision)) return 'commit';
  return VERSION_TAG.test(revision) ? 'tag' : 'floating';
}

const DATED =
  /(?:[-@](?:20\d\d-?[01]\d-?[0-3]\d|[01]\d-20\d\d)|-(?:0[1-9]|1[0-2])[0-3]\d(?:-preview)?|-2[3-9](?:0[1-9]|1[0-2]))(?:-v\d{1,2}(?::\d{1,3})?)?(?:-[a-z]{1,12})?$/;
const NUMBERED: Readonly<Record<string, RegExp>> = {
  // From generation 4.6 on an id without a date names one fixed model; before that it is an alias
  // (Claude documentation, "Model IDs and versioning").
  anthropic: /^claude-[a-z]{3,12}-(?:4-(?:[6-9]|[1-9]\d)|[5-9]|[1-9]\d)(?:-\d{1,2})?$/,
  // `gemini-1.5-pro-002` and the dated previews do not change; `gemini-1.5-pro` is moved to the newest.
  'google-gemini': /-\d{3}$|-preview-\d\d-\d{2,4}$|@\d{3}$/,
  'aws-bedrock': /-v\d{1,2}(?::\d{1,3})?(?::\w{1,8})?$|anthropic\.claude-[a-z]{3,12}-(?:4-[6-9]|[5-9])(?:-\d{1,2})?$/,
};
// Models that carry their version in the name and of which the provider offers no dated edition.
const VERSIONED: Readonly<Record<string, RegExp>> = {
  openai:
    /^(?:text-embedding-(?:3-(?:small|large)|ada-002)|whisper-1|tts-1(?:-hd)?|dall-e-[23]|(?:text-)?davinci-00\d)$/,
  cohere: /^(?:embed|rerank)-[\w-]*v\d/,
  voyage: /^voyage-/,
  jina: /-v\d/,
  elevenlabs: /_v\d/,
  'google-gemini': /^(?:text-embedding-00\d|imagen-\d)/,
};

/** How the id of a model that a service runs is held: a dated edition is a `snapshot`, an alias is `floating`. */
export function pinOfHostedModel(provider: string, modelId: string): Pin {
  if (/(?:^|[-_:])latest$/.test(modelId)) return 'floating';
  if (DATED.test(modelId) || NUMBERED[provider]?.test(modelId)) return 'snapshot';
  return VERSIONED[provider]?.test(modelId) ? 'tag' : 'floating';
}

/** How a container image is held. A digest counts as a commit. */
export function pinOfImage(image: string): Pin {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return 'commit';
  const tag = /:([\w][\w.-]{0,127})$/.exec(image.slice(image.lastIndexOf('/') + 1))?.[1];
  return tag === undefined || MOVING.test(tag) ? 'floating' : 'tag';
}

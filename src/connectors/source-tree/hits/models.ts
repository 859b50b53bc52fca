import type { Known, Pin } from '#src/facts/index.ts';
import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { pinOfRevision } from '../pins.ts';
import type { Hit } from '../rule.ts';
import type { FileContext } from './context.ts';

const HUB_ID = /^[A-Za-z0-9][\w.-]{0,95}(?:\/[A-Za-z0-9][\w.-]{0,95})?$/;
// Folders that people keep weights in: an id that begins with one is a path on this machine.
const LOCAL_FOLDER =
  /^(?:\.{0,2}\/|~|models?\/|checkpoints?\/|ckpts?\/|weights\/|outputs?\/|results?\/|runs\/|saved[-_]?models?\/|data\/|tmp\/|cache\/|pretrained\/|artifacts\/|experiments\/|logs\/|assets\/|path\/|your[-_])/i;
const WEIGHTS_FILE = /\.(?:pt|pth|bin|safetensors|onnx|gguf|ckpt|h5|pkl)$/i;
const PINS: readonly Pin[] = ['commit', 'tag', 'snapshot', 'floating'];

/** One fact for each model a file pulls by name. Where it names one several times, the loosest pin counts. */
export function hubModelFindings(context: FileContext, hits: Hit[]): Finding[] {
  const remote = hits.filter(({ captures }) => isRemote(captures.hub ?? 'huggingface', captures.modelId ?? ''));
  const byModel = groupBy(remote, ({ captures }) => `${captures.hub ?? 'huggingface'}:${captures.modelId}`);
  return [...byModel].map(([identity, group]) => findingOf(context.path, identity, group));
}

/** False where the id is a path, a variable or a word that names no model. */
function isRemote(hub: string, modelId: string): boolean {
  if (modelId === '' || /[{}<>$\\%]/.test(modelId)) return false;
  if (hub !== 'huggingface') return true;
  if (!HUB_ID.test(modelId) || LOCAL_FOLDER.test(modelId) || WEIGHTS_FILE.test(modelId)) return false;
  // Names without owner are the hub's oldest models; all of them have a digit or a dash. Others are folders.
  return modelId.includes('/') || /[\d-]/.test(modelId);
}

function findingOf(path: string, identity: string, hits: Hit[]): Finding {
  const judged = hits.map((hit) => ({ hit, pin: pinOf(hit) }));
  judged.sort((a, b) => PINS.indexOf(b.pin) - PINS.indexOf(a.pin) || a.hit.line - b.hit.line);
  const { hit, pin } = judged[0] as { hit: Hit; pin: Pin };
  const { hub = 'huggingface', modelId = '' } = hit.captures;
  const revision = hit.captures.revision ?? null;
  const trusts = trustOf(hits);
  const through = shown(
    [...new Set(hits.map((each) => each.captures.through ?? each.rule.title))].slice(0, 4).join(', '),
  );
  return {
    rule: hit.rule,
    line: hit.line,
    fact: {
      kind: 'model-reference',
      key: keyIn(path, identity),
      body: {
        place: placeIn(path, hit.line),
        hub,
        modelId: shown(modelId),
        revision: revision === null ? null : shown(revision),
        pin,
        trustsRemoteCode: trusts,
        through,
      },
    },
    asset: {
      kind: 'model',
      identity,
      title: shown(modelId),
      details: {
        hub,
        modelId: shown(modelId),
        pin,
        ...(revision === null ? {} : { revision: shown(revision) }),
        ...(trusts === 'yes' ? { trustsRemoteCode: 'yes' } : {}),
      },
    },
  };
}

function pinOf({ captures }: Hit): Pin {
  // Libraries that ship fixed files under a name: the version of the library is the version of the model.
  if (captures.pin === 'tag') return 'tag';
  return pinOfRevision(captures.revision ?? null);
}

function trustOf(hits: Hit[]): Known {
  const stated = hits.map((hit) => hit.captures.trust?.toLowerCase());
  if (stated.includes('true')) return 'yes';
  // The libraries that have the setting leave it off unless told otherwise.
  return hits.every((hit) => hit.captures.hub === 'huggingface') ? 'no' : 'unknown';
}

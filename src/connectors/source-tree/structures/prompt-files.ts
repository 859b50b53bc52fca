import { sha256Hex } from '#src/kernel/hash.ts';
import { type Finding, placeIn } from '../finding.ts';
import { nameOf } from '../walk/tree-path.ts';
import type { FileView, Reader } from './reader.ts';

const ROLE_MARKERS =
  /<\|im_start\|>|<\|start_header_id\|>|\[INST\]|<\|system\|>|<\|user\|>|<\|assistant\|>|\bfor\s+\w{1,20}\s+in\s+messages\b|<start_of_turn>|^\s{0,4}(?:system|user|assistant)\s*:\s*$|"role"\s*:\s*"(?:system|user|assistant)"|\{%-?\s*(?:chat|message)\s+role|^#{0,3}\s?(?:System|Instructions?)\b.{0,40}$|\byou are an? .{1,80}(?:assistant|expert|agent|bot)\b|<(?:message|system)(?:\s+role=|>)/im;
const NOT_A_PROMPT = /^(?:readme|license|changelog|contributing|index|package|tsconfig|schema|config)\b/i;

export const readPromptFile: Reader = (file) => {
  if (NOT_A_PROMPT.test(nameOf(file.path))) return [];
  return /\S/.test(file.document.text()) ? [promptIn(file, 'file', null)] : [];
};

/** A template that addresses a chat model: it has role markers, or speaks to the model. */
export const readChatTemplate: Reader = (file) => {
  const text = file.document.text();
  const at = ROLE_MARKERS.exec(text);
  return at ? [promptIn(file, 'template', text.slice(0, at.index).split('\n').length)] : [];
};

function promptIn(file: FileView, form: 'file' | 'template', line: number | null): Finding {
  return {
    rule: file.rule,
    line,
    fact: {
      kind: 'prompt',
      key: file.path,
      body: {
        place: placeIn(file.path, line),
        form,
        sha256: sha256Hex(file.document.bytes),
        underVersionControl: file.underVersionControl,
        through: file.rule.title,
      },
    },
    asset: {
      kind: 'prompt',
      identity: file.path,
      title: nameOf(file.path),
      details: { form, sha256: sha256Hex(file.document.bytes) },
    },
  };
}

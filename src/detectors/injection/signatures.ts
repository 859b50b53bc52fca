/** Version of the list; part of each rule name, so that a record says which list it was judged by. */
export const SIGNATURES_VERSION = 1;

export type Signature = {
  id: string;
  kind:
    | 'template_token'
    | 'markdown_exfiltration'
    | 'hidden_styling'
    | 'known_jailbreak'
    | 'prompt_extraction'
    | 'hidden_text';
  /** One of these must be in the text, in small letters. */
  hints: readonly string[];
  pattern: RegExp;
  confidence: number;
  because: string;
};

/** Few and precise: each names a trick that has no ordinary use in what users and documents say. */
export const SIGNATURES: readonly Signature[] = [
  {
    id: 'chat-template',
    kind: 'template_token',
    hints: ['<|', '[inst]', '<<sys>>', '<start_of_turn>', '[/inst]'],
    confidence: 0.95,
    pattern:
      /<\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|end_header_id|eot_id|begin_of_text|end_of_turn)\|>|\[\/?INST\]|<<\/?SYS>>|<start_of_turn>|<end_of_turn>/gi,
    because: 'holds a token with which chat templates mark who speaks',
  },
  {
    id: 'role-header',
    kind: 'template_token',
    hints: ['### instruction', '### system', '[system]', '<system>', '</system>', '#system'],
    confidence: 0.8,
    pattern:
      /^\s{0,3}#{2,3} ?(?:system|instruction)s?(?: prompt| message)?:?\s*$|\[system\](?:\(#\w+\))?|<\/?system(?:[_-]?(?:prompt|message|note))?>/gim,
    because: 'holds a heading that pretends to come from the system',
  },
  {
    id: 'image-with-query',
    kind: 'markdown_exfiltration',
    hints: ['!['],
    confidence: 0.85,
    pattern:
      /!\[[^\]\n]{0,200}\]\(\s{0,3}https?:\/\/[^\s)]{3,300}\?[^\s)]{0,300}=(?:[^\s)]{0,100}(?:\{[^}\s)]{1,60}\}|\[[A-Z _]{3,40}\]|<[A-Za-z _]{3,40}>|%s|DATA|SECRET|PROMPT|HISTORY|CONVERSATION|PASSWORD|EMAIL|BASE64)[^\s)]{0,200})\s{0,3}\)/g,
    because: 'is an image whose address carries data out',
  },
  {
    id: 'hidden-style',
    kind: 'hidden_styling',
    hints: ['font-size', 'display:', 'visibility', 'opacity', 'color:'],
    confidence: 0.8,
    pattern:
      /style\s{0,2}=\s{0,2}["'][^"']{0,200}(?:font-size:\s{0,2}0(?:px|pt|em)?(?![\d.])|display:\s{0,2}none|visibility:\s{0,2}hidden|opacity:\s{0,2}0(?![\d.])|(?<!-)color:\s{0,2}(?:#fff(?:fff)?|white|transparent))[^"']{0,200}["'][^>]{0,200}>[^<]{20,2000}/gi,
    because: 'is text styled so that no person sees it',
  },
  {
    id: 'comment-to-assistant',
    kind: 'hidden_styling',
    hints: ['<!--'],
    confidence: 0.8,
    pattern:
      /<!--[^>]{0,200}(?:assistant|language model|\bAI\b|system prompt|ignore (?:all|previous|the))[^>]{0,1000}-->/gi,
    because: 'is a comment, unseen by readers, that speaks to an assistant',
  },
  {
    id: 'do-anything-now',
    kind: 'known_jailbreak',
    hints: [
      'do anything now',
      'dan mode',
      'developer mode',
      'aim stands',
      'strive to avoid norms',
      'niccolo',
      'evil confidant',
      'jailbroken',
      'always intelligent and machiavellian',
      'dude, which stands',
      'stay a dan',
      'mongo tom',
      'ucar',
      'anti-dan',
      'freed from the typical confines',
      'broken free of the typical confines',
    ],
    confidence: 0.93,
    pattern:
      /\bdo anything now\b|\bDAN mode\b|developer mode (?:enabled|output|activated|🔓)|\(🔓|always intelligent and machiavellian|strive to avoid norms|an?\s+evil confidant|\bstay a dan\b|broken free (?:of|from) the typical confines|freed from the typical confines|\[(?:🔓)?jailbr[eo]a?k(?:en)?\]/gi,
    because: 'begins like a published jailbreak',
  },
  {
    id: 'repeat-above',
    kind: 'prompt_extraction',
    hints: ['repeat', 'print', 'output', 'show', 'reveal', 'you are'],
    confidence: 0.8,
    pattern:
      /\b(?:repeat|print|output|copy|recite|echo)\b[^.\n]{0,40}\b(?:words?|text|everything|all|content|instructions?|sentences?)\b[^.\n]{0,20}\b(?:above|before this|previously)\b|\b(?:show|reveal|print|output|display|leak|dump|give me|tell me)\b[^.\n]{0,30}\b(?:your|the)\b[^.\n]{0,20}\b(?:system|initial|hidden|original|developer)\b[^.\n]{0,10}\b(?:prompt|instructions?|message)\b/gi,
    because: 'asks for the system prompt',
  },
];

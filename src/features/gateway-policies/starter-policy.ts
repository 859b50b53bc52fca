import type { PolicyDocument } from './model.ts';

export const STARTER_NAME = 'starter';
export const STARTER_NOTE =
  'The policy Assay comes with: stops injection and jailbreaks, takes secrets and hard identifiers out of prompts and answers, stops leaks of system prompts and of planted values, gives out no log-probabilities, and refuses what it could not check.';

// Numbers that identify a person or pay for something. Names, addresses and e-mail stay: most products need them.
const HARD_IDENTIFIERS = [
  'credit_card',
  'iban',
  'crypto_address',
  'us_ssn',
  'us_itin',
  'us_passport',
  'uk_nino',
  'uk_nhs',
  'ca_sin',
  'au_tfn',
  'au_medicare',
  'de_tax_id',
  'fr_nir',
  'es_nif',
  'es_nie',
  'it_codice_fiscale',
  'nl_bsn',
  'be_national_id',
  'pl_pesel',
  'pt_nif',
  'se_personnummer',
  'no_national_id',
  'fi_national_id',
  'ie_pps',
  'ch_ahv',
  'br_cpf',
  'in_aadhaar',
  'in_pan',
  'cn_resident_id',
  'jp_my_number',
  'kr_rrn',
  'sg_nric',
  'za_id',
  'tr_national_id',
];

/** Offered to whoever has no policy yet. In force only once a person adopts it. */
export const STARTER_POLICY: PolicyDocument = {
  detectors: [
    { detector: 'injection_user', direction: 'input', action: 'block', threshold: null, kinds: null },
    { detector: 'injection_document', direction: 'input', action: 'block', threshold: null, kinds: null },
    { detector: 'secret', direction: 'both', action: 'redact', threshold: null, kinds: null },
    { detector: 'personal_data', direction: 'both', action: 'redact', threshold: null, kinds: HARD_IDENTIFIERS },
    { detector: 'prompt_leak', direction: 'output', action: 'block', threshold: null, kinds: null },
    { detector: 'canary', direction: 'both', action: 'block', threshold: null, kinds: null },
  ],
  onFailure: 'closed',
  streamMode: 'hold_back',
  rules: [],
  output: {
    jsonSchema: null,
    maxOutputTokens: null,
    tools: null,
    grounding: 'off',
    probabilities: { calls: 'refuse' },
  },
  terms: [],
  patterns: [],
};

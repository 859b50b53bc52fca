// How the texts of common licenses begin, or what only they say. The order matters where one text contains another.
const TEXTS: readonly [RegExp, string][] = [
  [/GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3/i, 'AGPL-3.0-only'],
  [/GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3/i, 'LGPL-3.0-only'],
  [/GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1/i, 'LGPL-2.1-only'],
  [/GNU GENERAL PUBLIC LICENSE\s+Version 3/i, 'GPL-3.0-only'],
  [/GNU GENERAL PUBLIC LICENSE\s+Version 2/i, 'GPL-2.0-only'],
  [/Apache License\s+Version 2\.0/i, 'Apache-2.0'],
  [/Mozilla Public License,? Version 2\.0/i, 'MPL-2.0'],
  [/Eclipse Public License - v ?2\.0/i, 'EPL-2.0'],
  [/Business Source License 1\.1/i, 'BUSL-1.1'],
  [/Elastic License 2\.0/i, 'Elastic-2.0'],
  [/Server Side Public License/i, 'SSPL-1.0'],
  [/Boost Software License - Version 1\.0/i, 'BSL-1.0'],
  [/This is free and unencumbered software/i, 'Unlicense'],
  [/CC0 1\.0 Universal/i, 'CC0-1.0'],
  [/Attribution-ShareAlike 4\.0 International/i, 'CC-BY-SA-4.0'],
  [/Attribution-NonCommercial 4\.0 International/i, 'CC-BY-NC-4.0'],
  [/Attribution 4\.0 International/i, 'CC-BY-4.0'],
  [/Redistribution and use in source and binary forms[\s\S]{0,1500}Neither the name/i, 'BSD-3-Clause'],
  [/Redistribution and use in source and binary forms/i, 'BSD-2-Clause'],
  [/Permission to use, copy, modify, and(?:\/or)? distribute this software/i, 'ISC'],
  [/Permission is hereby granted, free of charge, to any person obtaining a copy/i, 'MIT'],
];

/** SPDX id of a license text, or null where it is none of the common ones. */
export function licenceOfText(text: string): string | null {
  const head = text.slice(0, 6_000);
  return TEXTS.find(([pattern]) => pattern.test(head))?.[1] ?? null;
}

export const LICENCE_FILE = /^(?:LICEN[CS]E|COPYING|UNLICENSE)(?:[.-][\w.-]{1,40})?$/i;

// Ids of the SPDX license list that models, data and code of this field carry. An id that is not here is written as a name.
const SPDX_IDS: readonly string[] = [
  '0BSD',
  'AFL-3.0',
  'AGPL-3.0-only',
  'AGPL-3.0-or-later',
  'Apache-2.0',
  'Artistic-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BSD-3-Clause-Clear',
  'BSL-1.0',
  'BUSL-1.1',
  'C-UDA-1.0',
  'CC-BY-1.0',
  'CC-BY-2.0',
  'CC-BY-2.5',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC-BY-NC-2.0',
  'CC-BY-NC-3.0',
  'CC-BY-NC-4.0',
  'CC-BY-NC-ND-3.0',
  'CC-BY-NC-ND-4.0',
  'CC-BY-NC-SA-2.0',
  'CC-BY-NC-SA-3.0',
  'CC-BY-NC-SA-4.0',
  'CC-BY-ND-4.0',
  'CC-BY-SA-3.0',
  'CC-BY-SA-4.0',
  'CC0-1.0',
  'CDLA-Permissive-1.0',
  'CDLA-Permissive-2.0',
  'CDLA-Sharing-1.0',
  'ECL-2.0',
  'Elastic-2.0',
  'EPL-1.0',
  'EPL-2.0',
  'EUPL-1.1',
  'EUPL-1.2',
  'GFDL-1.3-only',
  'GPL-2.0-only',
  'GPL-2.0-or-later',
  'GPL-3.0-only',
  'GPL-3.0-or-later',
  'ISC',
  'LGPL-2.1-only',
  'LGPL-2.1-or-later',
  'LGPL-3.0-only',
  'LGPL-3.0-or-later',
  'LPPL-1.3c',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'MS-PL',
  'NCSA',
  'ODbL-1.0',
  'ODC-By-1.0',
  'OFL-1.1',
  'OSL-3.0',
  'PDDL-1.0',
  'PostgreSQL',
  'Python-2.0',
  'SSPL-1.0',
  'Unlicense',
  'WTFPL',
  'Zlib',
];
const BY_NAME = new Map(SPDX_IDS.map((id) => [id.toLowerCase(), id]));
// Names of the Hugging Face hub that differ from the SPDX id.
const ALIASES: Readonly<Record<string, string>> = {
  'apache 2.0': 'Apache-2.0',
  apache2: 'Apache-2.0',
  'apache license 2.0': 'Apache-2.0',
  'agpl-3.0': 'AGPL-3.0-only',
  'gpl-3.0': 'GPL-3.0-only',
  'gpl-2.0': 'GPL-2.0-only',
  'lgpl-3.0': 'LGPL-3.0-only',
  'lgpl-2.1': 'LGPL-2.1-only',
  'mit license': 'MIT',
  bsd: 'BSD-3-Clause',
  odbl: 'ODbL-1.0',
  'odc-by': 'ODC-By-1.0',
  pddl: 'PDDL-1.0',
  cc0: 'CC0-1.0',
  'cdla-permissive-2.0': 'CDLA-Permissive-2.0',
};

/** SPDX id for the way a card or manifest writes a license, or null where it is no id of the list. */
export function spdxIdOf(name: string): string | null {
  const plain = name.trim().toLowerCase();
  return BY_NAME.get(plain) ?? ALIASES[plain] ?? null;
}

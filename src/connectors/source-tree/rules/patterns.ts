import { CODE_LANGUAGES, CONFIG_LANGUAGES, type Language } from '../text/language.ts';

export const CODE_AND_CONFIG: readonly Language[] = [...CODE_LANGUAGES, ...CONFIG_LANGUAGES];
export const PYTHON: readonly Language[] = ['python', 'notebook'];
export const PYTHON_AND_JAVASCRIPT: readonly Language[] = ['python', 'notebook', 'javascript'];
export const SHELL_AND_CONFIG: readonly Language[] = ['shell', ...CONFIG_LANGUAGES];

/** The first argument of a call as a literal or a name: captured as `modelId`. */
export const FIRST_MODEL =
  /^\s*(?:(?:pretrained_model_name_or_path|model_name_or_path|model_name|model_id|repo_id|model)\s*=\s*)?(?:["'](?<modelId>[^"'\s]{1,200})["']|(?<modelIdRef>[A-Za-z_][\w.]{0,80})\s*(?:[,)]|$))/;
/** `model=…` anywhere in a call. */
export const NAMED_MODEL =
  /\b(?:model|model_name|model_id|modelName|modelId|repo_id|model_name_or_path)\s*[=:]\s*(?:["'](?<modelId>[^"'\s]{1,200})["']|(?<modelIdRef>[A-Za-z_][\w.]{0,80})\s*(?:[,)}\n]|$))/;
export const REVISION =
  /\b(?:revision|code_revision)\s*[=:]\s*(?:["'](?<revision>[^"'\s]{1,100})["']|(?<revisionRef>[A-Za-z_][\w.]{0,80}))/;
export const TRUST = /\btrust_remote_code\s*=\s*(?<trust>True|False|true|false)/;
/** `name=…` in a call, the name that people gave the thing. */
export const NAMED = /\bname\s*[=:]\s*["'](?<name>[^"'\n]{1,100})["']/;

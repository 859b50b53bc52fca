import type { ConfigFile, RouteReading, Said } from './model.ts';
import { at, isFilledLater, list, number, readYaml, type Tree, word } from './yaml-tree.ts';

// LiteLLM proxy, config.yaml. https://docs.litellm.ai/docs/proxy/config_settings

/** Of the documentation: everybody knows it. */
const EVERYBODYS_KEY = /^sk-(?:1234|12345|xxx+)$/;

export function isLitellm(documents: readonly Tree[]): boolean {
  return documents.some((one) => one.map?.has('model_list') || one.map?.has('litellm_settings'));
}

/** A model is a route: it is what a key can call. So is each path that is passed through. */
export function readLitellm(file: ConfigFile): { routes: RouteReading[]; faults: string[] } {
  const { documents, faults } = readYaml(file);
  const routes: RouteReading[] = [];
  for (const config of documents) {
    for (const included of list(at(config, 'include')))
      faults.push(`${file.name} line ${included.line}: what it includes was not read; give the merged file`);
    const general = at(config, 'general_settings');
    const authenticated = authentication(general);
    const isEnforced = list(at(config, 'router_settings', 'optional_pre_call_checks')).some(
      (one) => word(one) === 'enforce_model_rate_limits',
    );
    const groups = new Map<string, Tree[]>();
    for (const model of list(at(config, 'model_list'))) {
      const name = word(at(model, 'model_name'));
      if (name === null) {
        faults.push(`${file.name} line ${model.line}: a model has no model_name`);
        continue;
      }
      const group = groups.get(name);
      if (group) group.push(model);
      else groups.set(name, [model]);
    }
    for (const [name, models] of groups)
      routes.push({
        route: `model ${name}`,
        file: file.name,
        line: models[0]?.line ?? 1,
        isClosed: false,
        authenticated,
        requestsLimited: limit(config, models, 'rpm', isEnforced),
        tokensLimited: limit(config, models, 'tpm', isEnforced),
      });
    for (const passed of list(at(general, 'pass_through_endpoints'))) {
      const asks = at(passed, 'auth')?.value === true;
      routes.push({
        route: `path ${word(at(passed, 'path')) ?? '?'}`,
        file: file.name,
        line: passed.line,
        isClosed: false,
        authenticated: asks ? authenticated : { state: 'no', by: 'a path that is passed through without auth' },
        requestsLimited: limit(config, [passed], 'rpm', false),
        tokensLimited: limit(config, [passed], 'tpm', false),
      });
    }
  }
  return { routes, faults };
}

function authentication(general: Tree | null): Said {
  const key = at(general, 'master_key');
  if (word(at(general, 'custom_auth')) !== null)
    return { state: 'unknown', by: 'custom_auth is a program that is not read here' };
  if (at(general, 'allow_requests_on_db_unavailable')?.value === true)
    return { state: 'no', by: 'allow_requests_on_db_unavailable lets calls pass unchecked' };
  if (at(general, 'enable_jwt_auth')?.value === true) return { state: 'yes', by: 'enable_jwt_auth' };
  const text = word(key);
  if (text === null || text === '')
    return { state: 'unknown', by: 'no master_key in the file; the environment may set one' };
  if (EVERYBODYS_KEY.test(text))
    return { state: 'no', by: 'the master_key of the documentation, which everybody knows' };
  return { state: 'yes', by: 'master_key' };
}

function limit(config: Tree, models: readonly Tree[], what: 'rpm' | 'tpm', isEnforced: boolean): Said {
  const bound = at(config, 'litellm_settings', 'upperbound_key_generate_params', `${what}_limit`);
  if ((number(bound) ?? 0) > 0) return { state: 'yes', by: `upperbound_key_generate_params ${what}_limit` };
  const told = models.map((one) => at(one, 'litellm_params', what) ?? at(one, what));
  if (told.length > 0 && told.every((one) => (number(one) ?? 0) > 0))
    return isEnforced
      ? { state: 'yes', by: `${what} with enforce_model_rate_limits` }
      : { state: 'no', by: `${what} only steers the routing: enforce_model_rate_limits is not on` };
  if (isFilledLater(bound) || told.some((one) => isFilledLater(one)))
    return { state: 'unknown', by: `${what} is filled in later` };
  return { state: 'unknown', by: 'none in the file; keys in its database may have their own' };
}

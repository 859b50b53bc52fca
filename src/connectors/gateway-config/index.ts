import { isEnvoy, readEnvoy } from './envoy.ts';
import { isKong, readKong } from './kong.ts';
import { isLitellm, readLitellm } from './litellm.ts';
import {
  type ConfigFile,
  type ConfigReading,
  FAULTS_MAX,
  FILE_MAX_BYTES,
  FILES_MAX,
  type GatewayKind,
  ROUTES_MAX,
  type RouteReading,
} from './model.ts';
import { isNginx, readNginx } from './nginx.ts';
import { readYaml } from './yaml-tree.ts';

export {
  type ConfigFile,
  type ConfigReading,
  FILE_MAX_BYTES,
  FILES_MAX,
  GATEWAY_KINDS,
  type GatewayKind,
  type RouteReading,
} from './model.ts';

/** Which gateway the files configure, by what they say; null when none of those that are known. */
export function gatewayOf(files: readonly ConfigFile[]): GatewayKind | null {
  for (const file of files) {
    if (file.text.length > FILE_MAX_BYTES) continue;
    if (/\.conf$/.test(file.name) && isNginx(file.text)) return 'nginx';
    const { documents } = readYaml(file);
    if (isKong(documents)) return 'kong';
    if (isEnvoy(documents)) return 'envoy';
    if (isLitellm(documents)) return 'litellm';
  }
  return files.some(({ text }) => text.length <= FILE_MAX_BYTES && isNginx(text)) ? 'nginx' : null;
}

/**
 * What the files of one gateway say of each of its routes. Pure, and bounded whatever they hold; what was not read is a fault, never
 * left out in silence.
 */
export function readGatewayConfig(gateway: GatewayKind, files: readonly ConfigFile[]): ConfigReading {
  const faults: string[] = [];
  if (files.length > FILES_MAX) faults.push(`more than ${FILES_MAX} files were given`);
  const given = files.slice(0, FILES_MAX).filter(({ name, text }) => {
    if (text.length <= FILE_MAX_BYTES && !text.includes('\0')) return true;
    faults.push(`${name}: it is larger than ${FILE_MAX_BYTES} bytes, or no text`);
    return false;
  });
  const read = { routes: [] as RouteReading[], faults };
  const take = (one: { routes: RouteReading[]; faults: string[] }) => {
    read.routes.push(...one.routes);
    faults.push(...one.faults);
  };
  if (gateway === 'nginx') take(readNginx(given));
  else if (gateway === 'envoy') take(readEnvoy(given));
  else for (const file of given) take(gateway === 'kong' ? readKong(file) : readLitellm(file));
  if (read.routes.length > ROUTES_MAX) faults.push(`of more than ${ROUTES_MAX} routes only the first were read`);
  if (read.routes.length === 0 && faults.length === 0) faults.push('no route was found in the files');
  return {
    gateway,
    routes: distinct(read.routes.slice(0, ROUTES_MAX)),
    faults:
      faults.length > FAULTS_MAX ? [...faults.slice(0, FAULTS_MAX), `and ${faults.length - FAULTS_MAX} more`] : faults,
  };
}

/** Two routes of one name are told apart by their order. */
function distinct(routes: readonly RouteReading[]): RouteReading[] {
  const seen = new Map<string, number>();
  return routes.map((one) => {
    const route = one.route.replace(/\s+/g, ' ').slice(0, 300);
    const times = (seen.get(route) ?? 0) + 1;
    seen.set(route, times);
    return { ...one, route: times === 1 ? route : `${route} (${times})` };
  });
}

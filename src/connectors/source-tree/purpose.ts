import type { Purpose } from '#src/facts/index.ts';
import { nameOf } from './walk/tree-path.ts';

const TEST_FOLDER =
  /(?:^|\/)(?:tests?|__tests__|spec|specs|testing|testdata|test[-_]data|fixtures?|__mocks__|mocks?|e2e|integration[-_]tests?)\//i;
const TEST_FILE =
  /^(?:test_.{1,200}\.py|.{1,200}_test\.(?:py|go|rb)|conftest\.py|.{1,200}\.(?:test|spec|e2e)\.[cm]?[jt]sx?|.{1,200}(?:Test|Tests|IT)\.(?:java|kt|cs|scala))$/;
const EXAMPLE_FOLDER =
  /(?:^|\/)(?:examples?|samples?|demos?|cookbooks?|tutorials?|playground|quickstarts?|recipes|notebooks\/examples?)\//i;
const DOCUMENTATION_FOLDER = /(?:^|\/)(?:docs?|documentation|website|wiki)\//i;
const VENDORED_FOLDER =
  /(?:^|\/)(?:vendor|vendored|third[-_]party|3rdparty|external|extern|node_modules|site-packages|bower_components|dist|build|out|generated|__generated__)\//i;
const GENERATED_FILE =
  /(?:\.min\.(?:js|css|mjs)|\.bundle\.js|-lock\.json|\.lock|\.pb\.go|_pb2(?:_grpc)?\.py|\.g\.cs|\.generated\.\w{1,5})$/i;

/** What a file is for, by its path. */
export function purposeOf(path: string): Purpose {
  if (VENDORED_FOLDER.test(path) || GENERATED_FILE.test(path)) return 'vendored';
  if (TEST_FOLDER.test(path) || TEST_FILE.test(nameOf(path))) return 'tests';
  if (EXAMPLE_FOLDER.test(path)) return 'examples';
  return DOCUMENTATION_FOLDER.test(path) ? 'documentation' : 'product';
}

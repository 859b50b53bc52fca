import type { Known, Pin } from '#src/facts/index.ts';
import { type FactOf, type Finding, placeIn, shown } from '../finding.ts';
import { pinOfImage, pinOfRevision } from '../pins.ts';
import { type FileView, linesWithoutComments, type Reader } from './reader.ts';

type Step = FactOf<'ci-workflow'>['body']['steps'][number];

const STEPS_MAX = 300;
const RUNS_TESTS =
  /\b(?:pytest|tox|nox|unittest|npm (?:run )?(?:test|t)\b|npx (?:vitest|jest|mocha|playwright test)|yarn (?:run )?test|pnpm (?:run |-r )?test|bun test|vitest|jest|go test|cargo (?:test|nextest)|mvn\b.{0,60}\b(?:test|verify|install)|gradlew?\b.{0,60}\b(?:test|check|build)|dotnet test|rspec|phpunit|make (?:test|check)|just test|ctest|bazel test|hatch (?:run )?test|uv run pytest|npm ci && npm test|deno test)/i;
const RUNS_EVALS =
  /\b(?:promptfoo|lm[_-]eval|inspect eval|deepeval|ragas|oaieval|garak|braintrust eval|lighteval|evalite|helm-run|run_evals?|make evals?|npm run evals?|pytest[^\n]{0,80}evals?\b|python[^\n]{0,80}\beval[\w/]{0,40}\.py)/i;

/** Workflow of GitHub Actions: steps by their `uses`, rights of the token by `permissions`. */
export const readGitHubActions: Reader = (file) => {
  const lines = linesWithoutComments(file.document.text());
  if (!lines.some((line) => /^\s*(?:jobs|runs|on|"on"|'on')\s*:/.test(line))) return [];
  const steps = lines.flatMap((line, index): Step[] => {
    const uses = /^\s*-?\s*uses\s*:\s*["']?([^\s"'#]{1,300})/.exec(line)?.[1];
    return uses === undefined || uses.startsWith('./') ? [] : [actionStep(uses, index + 1)];
  });
  return workflow(file, 'github-actions', lines, steps, tokenOf(lines));
};

function actionStep(uses: string, line: number): Step {
  if (uses.startsWith('docker://'))
    return { uses: shown(uses), pin: pinOfImage(uses.slice(9)), line, thirdParty: true };
  const [name = uses, revision] = uses.split('@');
  return {
    uses: shown(uses),
    pin: pinOfRevision(revision ?? null),
    line,
    thirdParty: !/^(?:actions|github)\//.test(name),
  };
}

/** What the token of a workflow may do. Not stated means that the organization's setting decides. */
function tokenOf(lines: string[]): Known {
  let stated = false;
  for (let i = 0; i < lines.length; i++) {
    const match = /^(\s*)permissions\s*:\s*(.*)$/.exec(lines[i] ?? '');
    if (!match) continue;
    stated = true;
    const [, indent = '', value = ''] = match;
    if (/write/.test(value)) return 'no';
    for (let j = i + 1; j < lines.length; j++) {
      const line = lines[j] ?? '';
      if (line.trim() === '') continue;
      if ((/^\s*/.exec(line)?.[0].length ?? 0) <= indent.length) break;
      if (/:\s*write\b/.test(line)) return 'no';
    }
  }
  return stated ? 'yes' : 'unknown';
}

export const readGitLabCi: Reader = (file) => {
  const lines = linesWithoutComments(file.document.text());
  if (!lines.some((line) => /^\s*(?:script|stages|include|image|stage)\s*:/.test(line))) return [];
  return workflow(file, 'gitlab-ci', lines, [...imageSteps(lines), ...includeSteps(lines)], 'unknown');
};

function includeSteps(lines: string[]): Step[] {
  return lines.flatMap((line, index): Step[] => {
    const project = /^\s*-?\s*(?:project|remote|component)\s*:\s*["']?([^\s"']{1,300})/.exec(line)?.[1];
    if (project === undefined) return [];
    const near = lines.slice(index, index + 4).join('\n');
    const ref = /^[ \t]*ref[ \t]*:[ \t]*["']?([\w./-]{1,100})/m.exec(near)?.[1] ?? project.split('@')[1] ?? null;
    return [{ uses: shown(project), pin: pinOfRevision(ref), line: index + 1, thirdParty: true }];
  });
}

export const readJenkins: Reader = (file) => {
  const lines = file.document
    .text()
    .split('\n')
    .map((line) => line.replace(/\r$/, '').replace(/^\s*\/\/.*$/, ''));
  if (!lines.some((line) => /\b(?:pipeline|node|stage|library)\b/.test(line))) return [];
  const steps = lines.flatMap((line, index): Step[] => {
    const library = /@Library\(\s*\[?["']([^"']{1,200})["']/.exec(line)?.[1];
    const image =
      /\bdocker(?:\.image\(\s*|\s*\{\s*image\s+|Image\s*[:=]\s*|\s+image\s+)["']([^"'\s]{1,300})["']/.exec(line)?.[1] ??
      /^\s*image\s+["']([^"'\s]{1,300})["']/.exec(line)?.[1];
    return [
      ...(library === undefined
        ? []
        : [
            {
              uses: shown(library),
              pin: pinOfRevision(library.split('@')[1] ?? null),
              line: index + 1,
              thirdParty: false,
            },
          ]),
      ...(image === undefined
        ? []
        : [{ uses: shown(image), pin: pinOfImage(image), line: index + 1, thirdParty: true }]),
    ];
  });
  return workflow(file, 'jenkins', lines, steps, 'unknown');
};

export const readCircleCi: Reader = (file) => {
  const lines = linesWithoutComments(file.document.text());
  if (!lines.some((line) => /^\s*(?:jobs|workflows|orbs)\s*:/.test(line))) return [];
  const orbs = lines.flatMap((line, index): Step[] => {
    const orb = /^\s+[\w-]{1,60}\s*:\s*["']?([\w-]{1,80}\/[\w-]{1,80}@[\w.-]{1,40})["']?\s*$/.exec(line)?.[1];
    return orb === undefined
      ? []
      : [
          {
            uses: orb,
            pin: orbPin(orb.split('@')[1] ?? ''),
            line: index + 1,
            thirdParty: !orb.startsWith('circleci/'),
          },
        ];
  });
  return workflow(file, 'circleci', lines, [...orbs, ...imageSteps(lines)], 'unknown');
};

/** An orb is held by a full version; `5` and `5.1` move, `volatile` moves most. */
function orbPin(version: string): Pin {
  return /^\d+\.\d+\.\d+$/.test(version) ? 'tag' : 'floating';
}

export const readAzurePipelines: Reader = (file) => {
  const lines = linesWithoutComments(file.document.text());
  if (!lines.some((line) => /^\s*(?:steps|stages|jobs|pool|trigger)\s*:/.test(line))) return [];
  const tasks = lines.flatMap((line, index): Step[] => {
    const task = /^\s*-\s*task\s*:\s*["']?([\w.-]{1,120}@[\w.]{1,20})/.exec(line)?.[1];
    return task === undefined
      ? []
      : [
          {
            uses: task,
            pin: pinOfRevision(task.split('@')[1] ?? null),
            line: index + 1,
            thirdParty: task.includes('.') && !/^(?:ms|microsoft)\b/i.test(task),
          },
        ];
  });
  return workflow(file, 'azure-pipelines', lines, [...tasks, ...imageSteps(lines)], 'unknown');
};

function imageSteps(lines: string[]): Step[] {
  return lines.flatMap((line, index): Step[] => {
    const image =
      /^\s*(?:-\s*)?(?:image|container)\s*:\s*["']?([\w./-]{1,200}(?::[\w.-]{1,128})?(?:@sha256:[0-9a-f]{64})?)["']?\s*$/.exec(
        line,
      )?.[1];
    return image === undefined || image === ''
      ? []
      : [{ uses: shown(image), pin: pinOfImage(image), line: index + 1, thirdParty: true }];
  });
}

function workflow(file: FileView, system: string, lines: string[], steps: Step[], tokenReadOnly: Known): Finding[] {
  const text = lines.join('\n');
  const first = lines.findIndex((line) => line.trim() !== '') + 1;
  return [
    {
      rule: file.rule,
      line: first,
      fact: {
        kind: 'ci-workflow',
        key: file.path,
        body: {
          place: placeIn(file.path, first || null),
          system,
          runsTests: RUNS_TESTS.test(text),
          runsEvals: RUNS_EVALS.test(text),
          steps: steps.slice(0, STEPS_MAX),
          tokenReadOnly,
        },
      },
      asset: null,
    },
  ];
}

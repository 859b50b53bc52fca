import type { Known } from '#src/facts/index.ts';
import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import { pinOfImage } from '../pins.ts';
import { linesWithoutComments, type Reader } from './reader.ts';

const IMAGES_MAX = 200;

/** Base images of a Dockerfile, and whether its last stage ends as root. */
export const readDockerfile: Reader = (file) => {
  const lines = joinContinued(linesWithoutComments(file.document.text()));
  const stages = new Set<string>();
  const values = new Map<string, string>();
  const bases: { image: string; line: number }[] = [];
  let user: string | null = null;
  for (const { text, line } of lines) {
    const arg = /^\s*ARG\s+(\w{1,80})=["']?([^\s"']{1,300})/i.exec(text);
    if (arg && bases.length === 0) values.set(arg[1] ?? '', arg[2] ?? '');
    const from = /^\s*FROM\s+(?:--platform=\S{1,80}\s+)?["']?([^\s"']{1,300})["']?(?:\s+AS\s+([\w.-]{1,80}))?/i.exec(
      text,
    );
    if (from) {
      const image = (from[1] ?? '').replace(
        /\$\{?(\w{1,80})(?::?-([^}]{0,200}))?\}?/g,
        (whole, name: string, fallback?: string) => values.get(name) ?? fallback ?? whole,
      );
      if (!stages.has(image.toLowerCase()) && image !== 'scratch') bases.push({ image, line });
      if (from[2]) stages.add(from[2].toLowerCase());
      user = null;
    }
    const set = /^\s*USER\s+["']?([^\s"':]{1,100})/i.exec(text)?.[1];
    if (set !== undefined) user = set;
  }
  const runsAsRoot = rootOf(user);
  return imageFindings(file, bases, () => runsAsRoot);
};

/** Without `USER` the base image decides: most run as root, but the file does not say. */
function rootOf(user: string | null): Known {
  if (user === null || user.includes('$')) return 'unknown';
  return user === 'root' || user === '0' ? 'yes' : 'no';
}

function joinContinued(lines: string[]): { text: string; line: number }[] {
  const joined: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | null = null;
  for (const [index, text] of lines.entries()) {
    const continues = /[\\`]\s*$/.test(text);
    const part = text.replace(/[\\`]\s*$/, ' ');
    if (open) open.text = open.text.length < 20_000 ? open.text + part : open.text;
    else open = { text: part, line: index + 1 };
    if (continues) continue;
    joined.push(open);
    open = null;
  }
  if (open) joined.push(open);
  return joined;
}

const IMAGE_LINE = /^\s*(?:-\s*)?["']?image["']?\s*:\s*["']?([^\s"'#,}]{1,300})["']?\s*,?\s*$/;

/** Images of a compose file or of Kubernetes manifests, Helm templates included. */
export const readImages: Reader = (file) => {
  const lines = linesWithoutComments(file.document.text());
  const images: { image: string; line: number }[] = [];
  for (const [index, line] of lines.entries()) {
    const image = IMAGE_LINE.exec(line)?.[1];
    if (image === undefined || image.includes('{{') || /^[&*|>]/.test(image)) continue;
    images.push({ image, line: index + 1 });
  }
  const text = lines.join('\n');
  const isRoot: Known = /runAsNonRoot\s*:\s*true|runAsUser\s*:\s*[1-9]/.test(text)
    ? 'no'
    : /runAsUser\s*:\s*0\b|^[ \t]*user[ \t]*:[ \t]*["']?(?:root|0)\b/m.test(text)
      ? 'yes'
      : 'unknown';
  return imageFindings(file, images, () => isRoot);
};

function imageFindings(
  file: Parameters<Reader>[0],
  images: { image: string; line: number }[],
  rootFor: (image: string) => Known,
): Finding[] {
  const seen = new Set<string>();
  return images.slice(0, IMAGES_MAX).flatMap(({ image, line }): Finding[] => {
    const plain = shown(image.replace(/^(?:\w+:\/\/)?[^/@\s]{1,200}:[^/@\s]{1,200}@(?=[\w.-]+\/)/, ''));
    // The name without its version is what stays when the version changes.
    const name = plain.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[\w][\w.-]{0,127}$/, '');
    if (seen.has(name)) return [];
    seen.add(name);
    return [
      {
        rule: file.rule,
        line,
        fact: {
          kind: 'container-image',
          key: keyIn(file.path, name),
          body: {
            place: placeIn(file.path, line),
            image: plain,
            pin: image.includes('$') ? 'floating' : pinOfImage(image),
            runsAsRoot: rootFor(image),
          },
        },
        asset: null,
      },
    ];
  });
}

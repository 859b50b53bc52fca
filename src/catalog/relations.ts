import type { Catalog, Control, FrameworkId, Mapping, Requirement } from './model.ts';

/** Requirements of a framework, flat and in order. */
export function requirementsOf(catalog: Catalog, framework: FrameworkId): Requirement[] {
  const found = catalog.frameworks.find(({ id }) => id === framework);
  return found?.groups.flatMap((group) => group.requirements) ?? [];
}

/** Controls that map to a requirement. */
export function controlsOf(catalog: Catalog, framework: FrameworkId, requirement: string): Control[] {
  return catalog.controls.filter((control) => control.mapsTo[framework]?.includes(requirement));
}

/**
 * Requirements of `to` that share controls with requirements of `from`, in the order of both frameworks.
 * Computed from the controls, so it cannot disagree with them.
 */
export function crossMap(catalog: Catalog, from: FrameworkId, to: FrameworkId): Mapping[] {
  const shared = new Map<string, Map<string, string[]>>();
  for (const control of catalog.controls) {
    for (const source of control.mapsTo[from] ?? []) {
      const row = shared.get(source) ?? new Map<string, string[]>();
      shared.set(source, row);
      for (const target of control.mapsTo[to] ?? []) row.set(target, [...(row.get(target) ?? []), control.id]);
    }
  }
  const { strengths, published } = catalog.crossMap;
  const strongestFirst = [...strengths].sort((a, b) => b.sharedControlsMin - a.sharedControlsMin);
  const agreed = new Set(
    published.from === from && published.to === to
      ? published.pairs.flatMap((pair) => pair.to.map((target) => `${pair.from}\n${target}`))
      : [],
  );
  const targets = requirementsOf(catalog, to);
  return requirementsOf(catalog, from).flatMap((source) =>
    targets.flatMap((target): Mapping[] => {
      const controls = shared.get(source.id)?.get(target.id);
      if (controls === undefined) return [];
      const strength = strongestFirst.find((name) => controls.length >= name.sharedControlsMin)?.id ?? 'touching';
      return [
        {
          from: { framework: from, requirement: source.id },
          to: { framework: to, requirement: target.id },
          controls,
          strength,
          publishedAgrees: agreed.has(`${source.id}\n${target.id}`),
        },
      ];
    }),
  );
}

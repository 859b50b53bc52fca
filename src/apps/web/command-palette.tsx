import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { controlsQuery, frameworksQuery } from '#src/features/controls/web/queries.ts';
import { systemsQuery } from '#src/features/inventory/web/queries.ts';
import { type Command, PaletteDialog } from '#src/ui/palette-dialog.tsx';

/** Ctrl-K: every page, control, criterion and system by name. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  // The queries of the pages, so that what was read there is here at once.
  const controls = useQuery(controlsQuery({}));
  const frameworks = useQuery(frameworksQuery);
  const systems = useQuery(systemsQuery);

  const commands = useMemo<Command[]>(() => {
    const page = (title: string, run: () => void): Command => ({ id: `page ${title}`, title, group: 'Page', run });
    return [
      page('Overview', () => navigate({ to: '/' })),
      page('Inventory: AI systems', () => navigate({ to: '/inventory' })),
      page('Inventory: items', () => navigate({ to: '/inventory/items' })),
      page('Inventory: graph', () => navigate({ to: '/inventory/graph' })),
      page('Inventory: scans', () => navigate({ to: '/inventory/scans' })),
      page('Evaluations', () => navigate({ to: '/evaluations' })),
      page('Evaluations: suites', () => navigate({ to: '/evaluations/suites' })),
      page('Evaluations: labels', () => navigate({ to: '/evaluations/labels' })),
      page('Alerts', () => navigate({ to: '/alerts' })),
      page('Incidents', () => navigate({ to: '/incidents' })),
      page('Alerts: mutes', () => navigate({ to: '/alerts/mutes' })),
      page('Controls', () => navigate({ to: '/controls' })),
      page('Evidence', () => navigate({ to: '/evidence' })),
      page('Evidence: attestations', () => navigate({ to: '/evidence/attestations' })),
      page('Evidence: ledger', () => navigate({ to: '/evidence/ledger' })),
      page('Monitors', () => navigate({ to: '/monitors' })),
      page('Monitors: calendar of runs', () => navigate({ to: '/monitors/calendar' })),
      page('Monitors: specifications', () => navigate({ to: '/monitors/specifications' })),
      page('Monitors: changes', () => navigate({ to: '/monitors/changes' })),
      page('Bundle', () => navigate({ to: '/bundles' })),
      page('Settings: company and scope', () => navigate({ to: '/settings/company' })),
      page('Settings: users', () => navigate({ to: '/settings/users' })),
      page('Settings: API keys', () => navigate({ to: '/settings/keys' })),
      page('Settings: sign-in security', () => navigate({ to: '/settings/security' })),
      page('Settings: personal data', () => navigate({ to: '/settings/persons' })),
      page('Settings: alerts', () => navigate({ to: '/settings/alerts' })),
      page('Settings: witnesses and mirrors', () => navigate({ to: '/settings/ledger-parties' })),
      page('Settings: ledger keys', () => navigate({ to: '/settings/ledger-keys' })),
      page('Settings: about', () => navigate({ to: '/settings/about' })),
      ...(systems.data?.items ?? []).map((system) => ({
        id: system.id,
        title: system.name,
        group: 'AI system',
        run: () => navigate({ to: '/inventory/systems/$systemId', params: { systemId: system.id } }),
      })),
      ...(controls.data?.items ?? []).map((control) => ({
        id: control.id,
        title: `${control.id} ${control.title}`,
        group: 'Control',
        run: () => navigate({ to: '/controls/$controlId', params: { controlId: control.id } }),
      })),
      ...(frameworks.data?.items ?? []).flatMap((framework) =>
        framework.groups.flatMap((group) =>
          group.requirements.map((requirement) => ({
            id: `${framework.id} ${requirement.id}`,
            title: `${requirement.id} ${requirement.title}`,
            group: framework.title,
            run: () => navigate({ to: '/controls', search: { framework: framework.id, requirement: requirement.id } }),
          })),
        ),
      ),
    ];
  }, [navigate, systems.data, controls.data, frameworks.data]);

  const loading = controls.isPending || frameworks.isPending || systems.isPending;
  return (
    <PaletteDialog
      commands={commands}
      onClose={onClose}
      note={loading ? 'Reading controls and systems …' : undefined}
    />
  );
}

import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconRadar2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiUrl } from '#src/apps/web/client.ts';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { TabLinks } from '#src/apps/web/tab-links.tsx';
import { Page } from '#src/ui/page.tsx';
import { systemsQuery } from './queries.ts';

/** What the pages of the inventory share: the heading, the ways in and out, and the tabs. */
export function InventoryPage({ tab, children }: { tab: string; children: ReactNode }) {
  const mayScan = useMay('scans.run');
  const systems = useQuery(systemsQuery).data;
  return (
    <Page
      title="Inventory"
      documentTitle={tab === 'AI systems' ? 'Inventory' : `${tab} · Inventory`}
      lead="Every model, dataset, prompt, agent and AI service in use, and the AI systems they make up. A scan proposes; a person confirms."
      actions={
        <>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
                Export
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item component="a" href={apiUrl('/inventory/bom')} download="assay-ml-bom.cdx.json">
                ML-BOM, CycloneDX 1.6
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          {mayScan ? (
            <LinkButton to="/inventory/scans" leftSection={<IconRadar2 size={15} aria-hidden />}>
              Scan a folder
            </LinkButton>
          ) : null}
        </>
      }
    >
      <TabLinks
        label="Inventory"
        tabs={[
          { to: '/inventory', title: 'AI systems', count: systems?.total },
          { to: '/inventory/items', title: 'Items' },
          { to: '/inventory/graph', title: 'Graph' },
          { to: '/inventory/scans', title: 'Scans', exact: false },
        ]}
      />
      {children}
    </Page>
  );
}

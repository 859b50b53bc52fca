import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Page } from '#src/ui/page.tsx';
import { ChangeList } from './change-list.tsx';
import { changesQuery } from './queries.ts';

const route = getRouteApi('/app/monitors/changes');

/** Who changed which threshold, baseline or specification when, and who made one less strict. */
export function ChangesPage() {
  const { loosening } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(changesQuery(loosening ? { loosening } : {}));
  return (
    <Page
      title="Changes"
      documentTitle="Changes · Monitors"
      lead="Every threshold, baseline, segment and pause of the last 30 days, with who proposed it, who approved it and why."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which changes"
          value={loosening ?? 'all'}
          data={[
            { value: 'all', label: 'All' },
            { value: 'true', label: 'Less strict' },
          ]}
          onChange={(value) => navigate({ search: value === 'true' ? { loosening: 'true' } : {}, replace: true })}
        />
      }
    >
      <Loaded query={query} what="the changes" rows={6}>
        {({ items }) => <ChangeList items={items} />}
      </Loaded>
    </Page>
  );
}

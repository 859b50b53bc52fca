import { Button, Select } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { count } from '#src/ui/words.ts';
import type { BulkDecision } from '../model.ts';
import classes from './inventory.module.css';
import { systemsQuery } from './queries.ts';

const AT_ONCE_MAX = 1000;

/** One decision for all selected items, with one reason. */
export function BulkDecide({ ids, onDone }: { ids: string[]; onDone: () => void }) {
  const toast = useToast();
  const systems = useQuery(systemsQuery).data?.items ?? [];
  const [rejecting, setRejecting] = useState(false);
  const decide = useMutation({
    mutationFn: (body: Omit<BulkDecision, 'ids'>) =>
      answerOf(api.POST('/api/v1/inventory/items/decide', { body: { ids, ...body } })),
    onSuccess: (outcome) => {
      setRejecting(false);
      const rest = outcome.skipped.map(({ why }) => why);
      if (rest.length > 0)
        toast.failed(`${count(outcome.changed, 'item')} changed, ${rest.length} not`, [...new Set(rest)].join(' '));
      else
        toast.done(
          `${count(outcome.changed, 'item')} changed`,
          outcome.unchanged > 0 ? `${outcome.unchanged} were so already.` : undefined,
        );
      onDone();
    },
    onError: (error) => {
      if (!rejecting) toast.failed('Nothing was changed', asFailure(error).message);
    },
  });
  const tooMany = ids.length > AT_ONCE_MAX;
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Decide about the selected items">
      <strong>
        {count(ids.length, 'item')} selected{tooMany ? `: at most ${AT_ONCE_MAX.toLocaleString('en-US')} at once` : ''}
      </strong>
      <Select
        size="xs"
        w={190}
        aria-label="Assign to a system"
        placeholder="Assign to a system"
        searchable
        value={null}
        disabled={tooMany}
        data={[
          { value: '', label: 'No system' },
          ...systems.map((system) => ({ value: system.id, label: system.name })),
        ]}
        onChange={(system) => system !== null && decide.mutate({ systemId: system === '' ? null : system })}
      />
      <Button variant="default" disabled={tooMany} onClick={() => setRejecting(true)}>
        Reject …
      </Button>
      <Button disabled={tooMany} loading={decide.isPending} onClick={() => decide.mutate({ state: 'confirmed' })}>
        Confirm
      </Button>
      <Button variant="subtle" color="gray" onClick={onDone}>
        Clear selection
      </Button>
      <Confirm
        opened={rejecting}
        title={`Reject ${count(ids.length, 'item')}?`}
        loses="They leave the inventory and no longer count for any test. The same things found again by a scan stay rejected. This can be taken back."
        action="Reject"
        reason={{ label: 'Reason', description: 'Recorded for each item, with your name.', required: true }}
        busy={decide.isPending}
        error={decide.error ? asFailure(decide.error).message : null}
        onConfirm={(reason) => decide.mutate({ state: 'rejected', reason })}
        onClose={() => setRejecting(false)}
      />
    </div>
  );
}

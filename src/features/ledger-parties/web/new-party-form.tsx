import { Button, Checkbox, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { type NewLedgerParty, PARTY_KINDS, PARTY_TITLES, type PartyKind } from '../model.ts';

const EMPTY = { name: '', url: '', vkey: '', trusted: '', path: '', remote: '' };

/** Sets up one party. It is shown the newest head at once. */
export function NewPartyForm({ onClose }: { onClose: () => void }) {
  const toast = useToast();
  const [kind, setKind] = useState<PartyKind>('witness');
  const [fields, setFields] = useState(EMPTY);
  const [allowPrivateAddress, setAllowPrivate] = useState(false);
  const [place, setPlace] = useState<'folder' | 'git'>('folder');
  const [tiles, setTiles] = useState(true);
  const add = useMutation({
    mutationFn: (body: NewLedgerParty) => answerOf(api.POST('/api/v1/ledger-parties', { body })),
    onSuccess: (party) => {
      toast.done(`${party.name} was added and is asked within seconds`);
      onClose();
    },
  });
  const failure = add.error ? asFailure(add.error) : null;
  const wrong = (field: string) => failure?.fields[`settings.${field}`] ?? failure?.fields[field];
  const field = (name: keyof typeof EMPTY) => ({
    value: fields[name],
    error: wrong(name),
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((held) => ({ ...held, [name]: value }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    const { name, url, vkey, trusted, path, remote } = fields;
    if (kind === 'witness') add.mutate({ settings: { kind, url, vkey, allowPrivateAddress } });
    else if (kind === 'timestamp')
      add.mutate({ name, settings: { kind, url, trusted, policy: null, allowPrivateAddress } });
    else {
      const asFolder = place === 'folder';
      const settings = {
        kind,
        place,
        path,
        tiles: asFolder && tiles,
        remote: asFolder || remote === '' ? null : remote,
        allowPrivateAddress: !asFolder && allowPrivateAddress,
      };
      add.mutate({ name, settings });
    }
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <Select
          label="Kind"
          description={PARTY_TITLES[kind].does}
          required
          allowDeselect={false}
          data={PARTY_KINDS.map((value) => ({ value, label: PARTY_TITLES[value].one }))}
          value={kind}
          onChange={(value) => setKind((value ?? 'witness') as PartyKind)}
          data-autofocus
        />
        {kind === 'witness' ? null : (
          <TextInput label="Name" description="Of your own choice." required maxLength={200} {...field('name')} />
        )}
        {kind === 'mirror' ? (
          <>
            <SegmentedControl
              aria-label="Place"
              data={[
                { value: 'folder', label: 'Folder' },
                { value: 'git', label: 'Git repository' },
              ]}
              value={place}
              onChange={(value) => setPlace(value as 'folder' | 'git')}
            />
            <TextInput
              label={place === 'folder' ? 'Path of the folder' : 'Path of the bare repository'}
              description={
                place === 'folder'
                  ? 'On the machine of the server, such as a mounted share. It must be there and empty.'
                  : 'On the machine of the server. It is made when it is not there.'
              }
              required
              {...field('path')}
            />
            {place === 'folder' ? (
              <Checkbox
                label="Put the whole log there, and not only its heads"
                checked={tiles}
                onChange={(event) => setTiles(event.currentTarget.checked)}
              />
            ) : (
              <TextInput
                label="Remote"
                description="Where every commit is pushed to: https://…, ssh://…, user@host:path, or a path on this machine."
                {...field('remote')}
              />
            )}
          </>
        ) : (
          <>
            <TextInput label="Address" type="url" required placeholder="https://" {...field('url')} />
            {kind === 'witness' ? (
              <Textarea
                label="Public key of the witness (vkey)"
                description="As “assay witness --print-key” prints it. Get it from its operator on another way than this page."
                required
                autosize
                minRows={2}
                {...field('vkey')}
              />
            ) : (
              <Textarea
                label="Root certificate of the authority"
                description="PEM. Stamps must lead back to it."
                required
                autosize
                minRows={4}
                maxRows={10}
                placeholder="-----BEGIN CERTIFICATE-----"
                {...field('trusted')}
              />
            )}
          </>
        )}
        {kind === 'mirror' && place === 'folder' ? null : (
          <Checkbox
            label={`The ${kind === 'mirror' ? 'remote' : 'address'} may be in a private network`}
            checked={allowPrivateAddress}
            onChange={(event) => setAllowPrivate(event.currentTarget.checked)}
          />
        )}
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

import { NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FormRow } from '#src/ui/form.tsx';
import type { PolicyDocument } from '../model.ts';
import { providersQuery } from './queries.ts';

type SecondOpinion = PolicyDocument['secondOpinion'];

const FROM = 0.1;
const THRESHOLD = 0.5;

/** Whom a policy asks about texts that the detectors of injection are not sure of. */
export function SecondOpinionFields({
  value,
  errorAt,
  onChange,
}: {
  value: SecondOpinion;
  errorAt: (field: string) => string | undefined;
  onChange: (value: SecondOpinion) => void;
}) {
  const { data: providers } = useQuery(providersQuery);
  const first = providers?.items[0]?.id ?? '';
  const ask = (by: string | null) => {
    const from = value?.from ?? FROM;
    if (by === 'model') onChange({ by, from, threshold: THRESHOLD });
    else if (by === 'judge') onChange({ by, from, providerId: first, model: '' });
    else onChange(null);
  };
  return (
    <FormRow>
      <Select
        label="Second opinion on injection"
        description="About texts that are in doubt. It adds findings and takes none away."
        allowDeselect={false}
        data={[
          { value: 'off', label: 'Nobody' },
          { value: 'model', label: 'The classifier of this installation' },
          { value: 'judge', label: 'A language model of a provider' },
        ]}
        value={value?.by ?? 'off'}
        onChange={ask}
      />
      {value ? (
        <NumberInput
          label="Asked from a score of"
          description="0 asks about every text."
          min={0}
          max={0.99}
          step={0.05}
          hideControls
          value={value.from}
          error={errorAt('from')}
          onChange={(from) => typeof from === 'number' && onChange({ ...value, from })}
        />
      ) : null}
      {value?.by === 'model' ? (
        <NumberInput
          label="An attack from a probability of"
          description="As the classifier gives it."
          min={0.01}
          max={0.99}
          step={0.05}
          hideControls
          value={value.threshold}
          error={errorAt('threshold')}
          onChange={(threshold) => typeof threshold === 'number' && onChange({ ...value, threshold })}
        />
      ) : null}
      {value?.by === 'judge' ? (
        <>
          <Select
            label="Provider of the judge"
            description="It reads the text after redaction."
            allowDeselect={false}
            data={(providers?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={value.providerId}
            error={errorAt('providerId')}
            onChange={(providerId) => providerId && onChange({ ...value, providerId })}
          />
          <TextInput
            label="Model of the judge"
            description="As the provider names it."
            maxLength={200}
            value={value.model}
            error={errorAt('model')}
            onChange={(event) => onChange({ ...value, model: event.currentTarget.value })}
          />
        </>
      ) : null}
    </FormRow>
  );
}

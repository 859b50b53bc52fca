import { Select, TextInput } from '@mantine/core';
import { FormRow } from '#src/ui/form.tsx';
import type { PolicyDocument } from '../model.ts';

type Rule = NonNullable<PolicyDocument['output']['probabilities']>;

/** Whether calls may ask for the numbers a model can be copied from. Passing them on needs a reason and an end. */
export function ProbabilitiesFields({
  value,
  errorAt,
  onChange,
}: {
  value: Rule | undefined;
  errorAt: (field: string) => string | undefined;
  onChange: (value: Rule | undefined) => void;
}) {
  const choose = (calls: string | null) => {
    if (calls === 'refuse') onChange({ calls });
    else if (calls === 'pass') onChange({ calls, because: '', untilOn: '' });
    else onChange(undefined);
  };
  return (
    <FormRow>
      <Select
        label="Log-probabilities and logits"
        description="What a model can be copied from."
        allowDeselect={false}
        data={[
          { value: 'refuse', label: 'Refuse calls that ask for them' },
          { value: 'pass', label: 'Pass them on, as an exception' },
          { value: 'undecided', label: 'Pass them on, undecided' },
        ]}
        value={value?.calls ?? 'undecided'}
        onChange={choose}
      />
      {value?.calls === 'pass' ? (
        <>
          <TextInput
            label="Why"
            maxLength={500}
            value={value.because}
            error={errorAt('because')}
            onChange={(event) => onChange({ ...value, because: event.currentTarget.value })}
          />
          <TextInput
            label="Until the end of"
            type="date"
            description="From the next day on they are refused."
            value={value.untilOn}
            error={errorAt('untilOn')}
            onChange={(event) => onChange({ ...value, untilOn: event.currentTarget.value })}
          />
        </>
      ) : null}
    </FormRow>
  );
}

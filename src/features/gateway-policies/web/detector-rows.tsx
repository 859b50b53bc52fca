import { NumberInput, Select, TagsInput } from '@mantine/core';
import { FormRow } from '#src/ui/form.tsx';
import type { Detector } from '../model.ts';
import { Rows } from './form-rows.tsx';

export const DETECTOR_TITLES: Record<Detector['detector'], string> = {
  injection_user: 'Injection and jailbreaks by users',
  injection_document: 'Injection in documents and tool results',
  personal_data: 'Personal data',
  secret: 'Secrets',
  custom_terms: 'Custom terms',
  custom_pattern: 'Custom patterns',
  prompt_leak: 'Leak of the system prompt',
  canary: 'Planted values of other tenants',
};

const ACTIONS: Detector['action'][] = ['observe', 'flag', 'redact', 'block'];

/** What is looked for, where, and what happens then. */
export function DetectorRows({
  detectors,
  errorAt,
  onChange,
}: {
  detectors: readonly Detector[];
  errorAt: (at: number) => string | undefined;
  onChange: (detectors: Detector[]) => void;
}) {
  return (
    <Rows
      title="Checks"
      lead="Of several that apply to one finding the strictest counts."
      add="Add a check"
      items={detectors}
      fresh={(): Detector => ({
        detector: 'personal_data',
        direction: 'both',
        action: 'redact',
        threshold: null,
        kinds: null,
      })}
      nameOf={({ detector }) => `check ${DETECTOR_TITLES[detector]}`}
      onChange={onChange}
    >
      {(one, at, change) => (
        <FormRow>
          <Select
            label="Looks for"
            allowDeselect={false}
            data={Object.entries(DETECTOR_TITLES).map(([value, label]) => ({ value, label }))}
            value={one.detector}
            onChange={(value) => value && change({ ...one, detector: value as Detector['detector'] })}
          />
          <Select
            label="In"
            allowDeselect={false}
            data={[
              { value: 'input', label: 'Prompts' },
              { value: 'output', label: 'Answers' },
              { value: 'both', label: 'Both' },
            ]}
            value={one.direction}
            onChange={(value) => value && change({ ...one, direction: value as Detector['direction'] })}
          />
          <Select
            label="Then"
            allowDeselect={false}
            data={ACTIONS}
            value={one.action}
            onChange={(value) => value && change({ ...one, action: value as Detector['action'] })}
          />
          <NumberInput
            label="From a score of"
            placeholder="Its own"
            min={0.01}
            max={0.99}
            step={0.05}
            hideControls
            value={one.threshold ?? ''}
            onChange={(value) => change({ ...one, threshold: typeof value === 'number' ? value : null })}
          />
          <TagsInput
            label="Kinds"
            placeholder={one.kinds === null ? 'All' : ''}
            value={one.kinds ?? []}
            error={errorAt(at)}
            onChange={(kinds) => change({ ...one, kinds: kinds.length === 0 ? null : kinds })}
          />
        </FormRow>
      )}
    </Rows>
  );
}

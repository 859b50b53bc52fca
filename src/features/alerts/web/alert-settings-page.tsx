import { NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { usePeople } from '#src/apps/web/people.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { Timeline } from '#src/ui/timeline.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import type { AlertSettings, SeverityClock, StoredSettings } from '../model.ts';
import { SEVERITIES, type Severity } from '../model.ts';
import classes from './alerts.module.css';
import { BusinessDays, dayFailure } from './business-days.tsx';
import { Channels } from './channels.tsx';
import { alertSettingsQuery, useChange } from './queries.ts';

/** Where alerts go, who owns them and how long they may wait. */
export function AlertSettingsPage() {
  const query = useQuery(alertSettingsQuery);
  return (
    <>
      <Channels />
      <Loaded query={query} what="the settings of alerts">
        {(stored) => <Clocks key={stored.version} stored={stored} />}
      </Loaded>
    </>
  );
}

function Clocks({ stored }: { stored: StoredSettings }) {
  const whyNot = useWhyNot('alerts.manage', 'change clocks and owners');
  const people = usePeople();
  const [settings, setSettings] = useState<AlertSettings>(stored.settings);
  const [reason, setReason] = useState('');
  const [holidays, setHolidays] = useState(stored.settings.calendar.holidays.join(' '));
  const save = useChange(
    () =>
      answerOf(
        api.PUT('/api/v1/alerts/settings', {
          body: {
            settings: {
              ...settings,
              calendar: { ...settings.calendar, holidays: holidays.split(/[\s,]+/).filter(Boolean) },
            },
            version: stored.version,
            reason,
          },
        }),
      ),
    { done: 'Saved as a new version', failed: 'Not saved' },
  );
  const failure = save.error ? asFailure(save.error) : null;
  const putClock = (severity: Severity, change: Partial<SeverityClock>) =>
    setSettings((held) => ({
      ...held,
      clocks: { ...held.clocks, [severity]: { ...held.clocks[severity], ...change } },
    }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Section
      title="Clocks and owners"
      lead="In force from the moment they are saved; alerts that are open keep theirs."
    >
      <form onSubmit={submit} className={classes.panel}>
        <FormStack>
          <FormProblem failure={failure} />
          <div className={classes.scroll}>
            <table className={classes.clocks}>
              <thead>
                <tr>
                  <th scope="col">Severity</th>
                  <th scope="col">Acknowledge within, minutes</th>
                  <th scope="col">Resolve within, minutes</th>
                  <th scope="col">Clock runs</th>
                  <th scope="col">Owner</th>
                </tr>
              </thead>
              <tbody>
                {SEVERITIES.map((severity) => {
                  const clock = settings.clocks[severity];
                  const name = sentenceCase(severity);
                  return (
                    <tr key={severity}>
                      <th scope="row">{name}</th>
                      <td>
                        <NumberInput
                          size="xs"
                          w={110}
                          min={1}
                          max={525_600}
                          aria-label={`${name}: acknowledge within, minutes`}
                          value={clock.acknowledgeMinutes}
                          onChange={(value) => putClock(severity, { acknowledgeMinutes: Number(value) })}
                        />
                      </td>
                      <td>
                        <NumberInput
                          size="xs"
                          w={110}
                          min={1}
                          max={525_600}
                          aria-label={`${name}: resolve within, minutes`}
                          value={clock.resolveMinutes}
                          onChange={(value) => putClock(severity, { resolveMinutes: Number(value) })}
                        />
                      </td>
                      <td>
                        <Select
                          size="xs"
                          w={150}
                          aria-label={`${name}: clock runs`}
                          allowDeselect={false}
                          value={clock.clock}
                          data={[
                            { value: 'always', label: 'Always' },
                            { value: 'business_hours', label: 'Business hours' },
                          ]}
                          onChange={(value) => putClock(severity, { clock: value as SeverityClock['clock'] })}
                        />
                      </td>
                      <td>
                        <Select
                          size="xs"
                          w={180}
                          aria-label={`${name}: owner`}
                          placeholder="Nobody"
                          clearable
                          value={settings.owners[severity]}
                          data={people}
                          onChange={(owner) =>
                            setSettings((held) => ({ ...held, owners: { ...held.owners, [severity]: owner } }))
                          }
                        />
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          <FormRow>
            <Select
              label="Escalate to"
              description="Named when a clock runs out."
              placeholder="Nobody"
              clearable
              value={settings.escalateTo}
              data={people}
              onChange={(escalateTo) => setSettings((held) => ({ ...held, escalateTo }))}
            />
            <TextInput
              label="Time zone"
              description="Of business hours, like Europe/Berlin."
              value={settings.calendar.timeZone}
              error={failure?.fields['settings.calendar.timeZone']}
              onChange={(event) => {
                const timeZone = event.currentTarget.value;
                setSettings((held) => ({ ...held, calendar: { ...held.calendar, timeZone } }));
              }}
            />
            <TextInput
              label="Holidays"
              description="Days like 2027-01-01, with spaces between."
              value={holidays}
              onChange={(event) => setHolidays(event.currentTarget.value)}
            />
          </FormRow>
          <BusinessDays
            days={settings.calendar.days}
            error={dayFailure(failure?.fields)}
            onChange={(days) => setSettings((held) => ({ ...held, calendar: { ...held.calendar, days } }))}
          />
          <Textarea
            label="Why"
            description="A longer clock is marked as loosened, with this reason."
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <FormButtons>
            <ReasonButton
              type="submit"
              loading={save.isPending}
              reason={whyNot ?? (reason.trim() === '' ? 'Say why first.' : null)}
            >
              Save as version {stored.version + 1}
            </ReasonButton>
          </FormButtons>
        </FormStack>
      </form>
      {stored.history.length > 0 ? (
        <Timeline style={{ margin: '0.875rem' }}>
          {stored.history.map((version) => (
            <li key={version.version}>
              <strong>Version {version.version}</strong>{' '}
              <span className={classes.quiet}>
                {version.changedBy.name}, <When at={version.changedAt} />
              </span>
              <p className={classes.words}>
                {version.loosened.length > 0 ? `Loosened ${version.loosened.join(', ')}. ` : ''}
                {version.reason}
              </p>
            </li>
          ))}
        </Timeline>
      ) : null}
    </Section>
  );
}

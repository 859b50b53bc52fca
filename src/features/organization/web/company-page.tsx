import { Button, Checkbox, MultiSelect, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import {
  CATEGORIES,
  CATEGORY_TITLES,
  type Organization,
  type OrganizationProfile,
  PROFILE_KIND_TITLES,
  REGION_TITLES,
  SECTOR_TITLES,
} from '../model.ts';
import classes from './company.module.css';
import { ScopeChanges } from './scope-changes.tsx';

const options = (titles: Record<string, string>) => Object.entries(titles).map(([value, label]) => ({ value, label }));

/** Who the company is, and what the report covers. */
export function CompanyPage() {
  const query = useQuery({
    queryKey: ['organization'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/organization', { signal })),
  });
  return (
    <Loaded query={query} what="the company profile" rows={8}>
      {(organization) => (
        <>
          <ProfileForm key={organization.revision} organization={organization} />
          <ScopeChanges changes={organization.scopeChanges} />
        </>
      )}
    </Loaded>
  );
}

function ProfileForm({ organization }: { organization: Organization }) {
  const toast = useToast();
  const whyNot = useWhyNot('organization.write', 'change the company profile');
  const [profile, setProfile] = useState(organization.profile);
  const put = (change: Partial<OrganizationProfile>) => setProfile((held) => ({ ...held, ...change }));
  const save = useMutation({
    mutationFn: () => answerOf(api.PUT('/api/v1/organization', { body: { profile, revision: organization.revision } })),
    onSuccess: () => toast.done('Saved'),
  });
  const failure = save.error ? asFailure(save.error) : null;
  const wrong = (field: string) => failure?.fields[`profile.${field}`];
  const unchanged = JSON.stringify(profile) === JSON.stringify(organization.profile);
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit}>
      <fieldset disabled={whyNot !== null} className={classes.fieldset}>
        <FormStack>
          <FormProblem failure={failure} />
          <Section
            title="Company"
            aside={
              organization.updatedAt ? (
                <>
                  saved <When at={organization.updatedAt} age />
                </>
              ) : (
                'never saved'
              )
            }
          >
            <div className={classes.panel}>
              <CompanyFields profile={profile} put={put} wrong={wrong} />
            </div>
          </Section>
          <Section title="Scope of the report" lead="A change here is kept with who made it, when, before and after.">
            <div className={classes.panel}>
              <ScopeFields profile={profile} put={put} wrong={wrong} />
            </div>
          </Section>
          <FormButtons align="start">
            <ReasonButton
              type="submit"
              size="sm"
              reason={whyNot ?? (unchanged ? 'Nothing was changed.' : null)}
              loading={save.isPending}
            >
              Save
            </ReasonButton>
            {unchanged ? null : (
              <Button variant="default" size="sm" onClick={() => setProfile(organization.profile)}>
                Discard changes
              </Button>
            )}
          </FormButtons>
        </FormStack>
      </fieldset>
    </form>
  );
}

type FieldsProps = {
  profile: OrganizationProfile;
  put: (change: Partial<OrganizationProfile>) => void;
  wrong: (field: string) => string | undefined;
};

function CompanyFields({ profile, put, wrong }: FieldsProps) {
  return (
    <FormStack>
      <FormRow>
        <TextInput
          label="Company name"
          maxLength={200}
          value={profile.companyName}
          error={wrong('companyName')}
          onChange={(event) => put({ companyName: event.currentTarget.value })}
        />
        <TextInput
          label="Legal name, where it differs"
          maxLength={200}
          value={profile.legalName}
          error={wrong('legalName')}
          onChange={(event) => put({ legalName: event.currentTarget.value })}
        />
      </FormRow>
      <FormRow>
        <TextInput
          label="Product"
          maxLength={200}
          value={profile.productName}
          error={wrong('productName')}
          onChange={(event) => put({ productName: event.currentTarget.value })}
        />
        <Select
          label="Kind of company"
          clearable
          data={options(PROFILE_KIND_TITLES)}
          value={profile.kind}
          onChange={(kind) => put({ kind: kind as OrganizationProfile['kind'] })}
        />
      </FormRow>
      <Textarea
        label="What the product does"
        rows={3}
        maxLength={4000}
        value={profile.productDescription}
        error={wrong('productDescription')}
        onChange={(event) => put({ productDescription: event.currentTarget.value })}
      />
      <FormRow>
        <MultiSelect
          label="Customers’ sectors"
          data={options(SECTOR_TITLES)}
          value={profile.sectors}
          onChange={(sectors) => put({ sectors: sectors as OrganizationProfile['sectors'] })}
        />
        <MultiSelect
          label="Customers’ regions"
          data={options(REGION_TITLES)}
          value={profile.regions}
          onChange={(regions) => put({ regions: regions as OrganizationProfile['regions'] })}
        />
        <NumberInput
          label="People in the company"
          min={1}
          max={10_000_000}
          allowDecimal={false}
          hideControls
          value={profile.headcount ?? ''}
          error={wrong('headcount')}
          onChange={(headcount) => put({ headcount: typeof headcount === 'number' ? headcount : null })}
        />
      </FormRow>
    </FormStack>
  );
}

function ScopeFields({ profile, put, wrong }: FieldsProps) {
  const frameworks = useQuery({
    queryKey: ['frameworks'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/frameworks', { signal })),
  }).data?.items;
  const known = frameworks?.map(({ id, title }) => ({ value: id as string, label: title })) ?? [];
  const held = profile.frameworks.filter((id) => !known.some(({ value }) => value === id));
  const window = profile.observationWindow;
  const putWindow = (change: Partial<NonNullable<OrganizationProfile['observationWindow']>>) => {
    const next = { startsOn: '', endsOn: '', ...window, ...change };
    put({ observationWindow: next.startsOn === '' && next.endsOn === '' ? null : next });
  };
  return (
    <FormStack>
      <Checkbox.Group
        label="Trust Services categories"
        description="Security is part of every SOC 2 report."
        value={profile.categories}
        error={wrong('categories')}
        onChange={(categories) => put({ categories: categories as OrganizationProfile['categories'] })}
      >
        <div className={classes.checks}>
          {CATEGORIES.map((category) => (
            <Checkbox
              key={category}
              value={category}
              label={CATEGORY_TITLES[category]}
              disabled={category === 'security'}
            />
          ))}
        </div>
      </Checkbox.Group>
      <Checkbox.Group
        label="Frameworks"
        description="Beside SOC 2: which others to show the state for."
        value={profile.frameworks}
        error={wrong('frameworks')}
        onChange={(chosen) => put({ frameworks: chosen })}
      >
        <div className={classes.checks}>
          {[...known, ...held.map((id) => ({ value: id, label: id }))].map(({ value, label }) => (
            <Checkbox key={value} value={value} label={label} disabled={value === 'soc2'} />
          ))}
        </div>
      </Checkbox.Group>
      <FormRow>
        <Select
          label="Report"
          clearable
          data={[
            { value: 'type_1', label: 'Type 1: as of a day' },
            { value: 'type_2', label: 'Type 2: over a window' },
          ]}
          value={profile.reportType}
          onChange={(reportType) => put({ reportType: reportType as OrganizationProfile['reportType'] })}
        />
        <TextInput
          type="date"
          label="Window opens"
          value={window?.startsOn ?? ''}
          error={wrong('observationWindow.startsOn')}
          onChange={(event) => putWindow({ startsOn: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label="Window closes"
          value={window?.endsOn ?? ''}
          error={wrong('observationWindow.endsOn') ?? wrong('observationWindow')}
          onChange={(event) => putWindow({ endsOn: event.currentTarget.value })}
        />
      </FormRow>
    </FormStack>
  );
}

import { defineTest, eachFact } from './define.ts';

export const companyScopeSet = defineTest({
  id: 'company-scope-set',
  version: 1,
  title: 'Company and scope are set',
  asks: 'Is it written down which company is examined, and against which Trust Services categories?',
  why: 'What is described is what is examined. Without categories nobody can say which controls are needed or what is missing.',
  controls: ['GOV-05'],
  severity: 'medium',
  uses: ['organization-scope'],
  population: 'organization-scope',
  fix: {
    summary: 'Fill in the company profile.',
    steps: [
      'Open Settings, Company and enter name and service.',
      'Choose the categories. Security is always part; most AI companies add processing integrity.',
    ],
  },
  judge: eachFact<'organization-scope'>(({ key, body }) => {
    const missing = [
      ...(body.named ? [] : ['the name of the company']),
      ...(body.categories.length === 0 ? ['the categories in scope'] : []),
      ...(body.categories.length > 0 && !body.categories.includes('security') ? ['the category security'] : []),
      ...(body.frameworks.length === 0 ? ['the frameworks'] : []),
    ];
    const base = {
      subject: key,
      observed: body.categories.join(', ') || 'none',
      expected: 'name, categories, frameworks',
    };
    if (missing.length > 0)
      return { ...base, result: 'fail', because: `The company profile lacks ${missing.join(', ')}.` };
    return { ...base, result: 'pass', because: `The scope is set: ${body.categories.join(', ')}.` };
  }),
});

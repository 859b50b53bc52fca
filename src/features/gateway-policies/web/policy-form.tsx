import '@mantine/core/styles/NumberInput.layer.css';
import { Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { FormRow, FormStack } from '#src/ui/form.tsx';
import { type PolicyDocument, type PolicyProblem, type TestRunLimits, USUAL_LIMITS } from '../model.ts';
import { DetectorRows } from './detector-rows.tsx';
import { JsonField, NEW_ID, Rows } from './form-rows.tsx';
import classes from './gateway.module.css';
import { ProbabilitiesFields } from './probabilities-fields.tsx';
import { SecondOpinionFields } from './second-opinion-fields.tsx';

type Output = PolicyDocument['output'];
type Part = {
  document: PolicyDocument;
  problems: readonly PolicyProblem[];
  put: (change: Partial<PolicyDocument>) => void;
};

/** The message of a problem with one field, with the line and column where it has them. */
function problemAt(problems: readonly PolicyProblem[], field: string): string | undefined {
  const found = problems.find((one) => one.field === field);
  if (!found) return undefined;
  return found.line === undefined ? found.message : `Line ${found.line}, column ${found.column}: ${found.message}`;
}

/** What a policy says, field by field. What cannot run is told at its field. */
export function PolicyForm({
  document,
  problems,
  onChange,
}: {
  document: PolicyDocument;
  problems: readonly PolicyProblem[];
  onChange: (document: PolicyDocument) => void;
}) {
  const put = (change: Partial<PolicyDocument>) => onChange({ ...document, ...change });
  const part = { document, problems, put };
  return (
    <FormStack>
      <DetectorRows
        detectors={document.detectors}
        errorAt={(at) => problemAt(problems, `detectors.${at}.kinds`)}
        onChange={(detectors) => put({ detectors })}
      />
      <SecondOpinionFields
        value={document.secondOpinion}
        errorAt={(field) => problemAt(problems, `secondOpinion.${field}`)}
        onChange={(secondOpinion) => put({ secondOpinion })}
      />
      <FormRow>
        <Select
          label="When a check cannot be made"
          allowDeselect={false}
          data={[
            { value: 'closed', label: 'Refuse the call' },
            { value: 'open', label: 'Let it through and say so' },
          ]}
          value={document.onFailure}
          onChange={(value) => value && put({ onFailure: value as PolicyDocument['onFailure'] })}
        />
        <Select
          label="Streamed answers"
          allowDeselect={false}
          data={[
            { value: 'hold_back', label: 'Release what is certain' },
            { value: 'hold_all', label: 'Hold the whole answer' },
          ]}
          value={document.streamMode}
          onChange={(value) => value && put({ streamMode: value as PolicyDocument['streamMode'] })}
        />
        <Select
          label="Stored objects never seen"
          description="Files, batches and answers that were made outside this gateway."
          allowDeselect={false}
          data={[
            { value: 'refuse', label: 'Refuse calls that name them' },
            { value: 'pass', label: 'Pass them on and say so' },
          ]}
          value={document.storedObjects?.unseen ?? 'refuse'}
          onChange={(value) => value && put({ storedObjects: { unseen: value as 'refuse' | 'pass' } })}
        />
      </FormRow>
      <WordFields {...part} />
      <RuleRows {...part} />
      <OutputFields {...part} />
      <ToolRows {...part} />
      <TestRunFields {...part} />
    </FormStack>
  );
}

/** What a test run of the next version has to show. */
function TestRunFields({ document, put }: Part) {
  const limits = document.testRun ?? USUAL_LIMITS;
  const percentField = (label: string, key: keyof TestRunLimits, min: number, max: number) => (
    <NumberInput
      label={label}
      suffix=" %"
      min={min}
      max={max}
      decimalScale={2}
      value={Number((100 * limits[key]).toFixed(2))}
      onChange={(value) =>
        typeof value === 'number' && put({ testRun: { ...limits, [key]: Number((value / 100).toFixed(4)) } })
      }
    />
  );
  return (
    <FormRow>
      {percentField('Test run: attacks stopped, at least', 'stoppedShareMin', 1, 100)}
      {percentField('Test run: harmless questions stopped, at most', 'falseAlarmShareMax', 0, 99)}
    </FormRow>
  );
}

function WordFields({ document, problems, put }: Part) {
  return (
    <>
      <Textarea
        label="Custom terms"
        description="One on each line. Looked for by the check custom_terms."
        autosize
        minRows={2}
        maxRows={12}
        value={document.terms.join('\n')}
        error={problemAt(problems, 'terms')}
        onChange={(event) => {
          const lines = event.currentTarget.value.split('\n');
          put({ terms: lines.length === 1 && lines[0] === '' ? [] : lines });
        }}
      />
      <Rows
        title="Custom patterns"
        lead="RE2 syntax. Looked for by the check custom_pattern."
        add="Add a pattern"
        items={document.patterns}
        error={problemAt(problems, 'patterns')}
        fresh={() => ({ id: NEW_ID, pattern: '' })}
        nameOf={({ id }) => `pattern ${id}`}
        onChange={(patterns) => put({ patterns })}
      >
        {(one, at, change) => (
          <FormRow>
            <TextInput
              label="Id"
              maxLength={64}
              value={one.id}
              onChange={(event) => change({ ...one, id: event.currentTarget.value })}
            />
            <TextInput
              label="Pattern"
              spellCheck={false}
              maxLength={1024}
              value={one.pattern}
              error={problemAt(problems, `patterns.${at}.pattern`)}
              onChange={(event) => change({ ...one, pattern: event.currentTarget.value })}
            />
          </FormRow>
        )}
      </Rows>
    </>
  );
}

function RuleRows({ document, problems, put }: Part) {
  return (
    <Rows
      title="Rules"
      lead="CEL expressions over request, caller and found; true means that the rule applies."
      add="Add a rule"
      items={document.rules}
      fresh={(): PolicyDocument['rules'][number] => ({ id: NEW_ID, cel: 'false', action: 'block', message: '' })}
      nameOf={({ id }) => `rule ${id}`}
      onChange={(rules) => put({ rules })}
    >
      {(rule, at, change) => (
        <>
          <FormRow>
            <TextInput
              label="Id"
              maxLength={64}
              value={rule.id}
              onChange={(event) => change({ ...rule, id: event.currentTarget.value })}
            />
            <Select
              label="Then"
              allowDeselect={false}
              data={['observe', 'flag', 'block']}
              value={rule.action}
              onChange={(action) => action && change({ ...rule, action: action as typeof rule.action })}
            />
            <TextInput
              label="What the caller is told"
              maxLength={500}
              value={rule.message}
              onChange={(event) => change({ ...rule, message: event.currentTarget.value })}
            />
          </FormRow>
          <Textarea
            label="Expression"
            className={classes.document}
            autosize
            minRows={1}
            maxRows={12}
            maxLength={4096}
            spellCheck={false}
            value={rule.cel}
            error={problemAt(problems, `rules.${at}.cel`)}
            onChange={(event) => change({ ...rule, cel: event.currentTarget.value })}
          />
        </>
      )}
    </Rows>
  );
}

function OutputFields({ document, problems, put }: Part) {
  const { output } = document;
  const set = (change: Partial<Output>) => put({ output: { ...output, ...change } });
  return (
    <>
      <FormRow>
        <NumberInput
          label="Most tokens of an answer"
          placeholder="Any"
          min={1}
          allowDecimal={false}
          hideControls
          value={output.maxOutputTokens ?? ''}
          onChange={(value) => set({ maxOutputTokens: typeof value === 'number' ? value : null })}
        />
        <Select
          label="Grounding check"
          description="Of answers to calls with documents, tool results or assay_context."
          allowDeselect={false}
          data={['off', 'observe', 'flag', 'block']}
          value={output.grounding}
          onChange={(value) => value && set({ grounding: value as Output['grounding'] })}
        />
        {output.grounding === 'off' ? null : (
          <NumberInput
            label="Least share of supported statements"
            placeholder="0.5"
            min={0.01}
            max={1}
            step={0.05}
            hideControls
            value={output.groundingThreshold ?? ''}
            onChange={(value) => set({ groundingThreshold: typeof value === 'number' ? value : null })}
          />
        )}
      </FormRow>
      <ProbabilitiesFields
        value={output.probabilities}
        errorAt={(field) => problemAt(problems, `output.probabilities.${field}`)}
        onChange={(probabilities) => {
          const { probabilities: _, ...rest } = output;
          put({ output: probabilities ? { ...rest, probabilities } : rest });
        }}
      />
      <JsonField
        label="JSON Schema of answers"
        description="Empty: any text will do."
        value={output.jsonSchema}
        error={problemAt(problems, 'output.jsonSchema')}
        onChange={(jsonSchema) => set({ jsonSchema })}
      />
    </>
  );
}

type Tool = NonNullable<Output['tools']>[number];

function ApprovalMinutes({ tool, onChange }: { tool: Tool; onChange: (tool: Tool) => void }) {
  const field = (name: 'decideWithinMinutes' | 'useWithinMinutes', label: string) => (
    <NumberInput
      label={label}
      placeholder="60"
      min={1}
      max={10_080}
      allowDecimal={false}
      hideControls
      value={tool[name] ?? ''}
      onChange={(value) => {
        const { [name]: _, ...rest } = tool;
        onChange(typeof value === 'number' ? { ...rest, [name]: value } : rest);
      }}
    />
  );
  return (
    <>
      {field('decideWithinMinutes', 'Minutes to decide')}
      {field('useWithinMinutes', 'Minutes an approval counts')}
    </>
  );
}

function ToolRows({ document, problems, put }: Part) {
  const { tools } = document.output;
  const set = (list: Output['tools']) => put({ output: { ...document.output, tools: list } });
  return (
    <>
      <Checkbox
        label="The model may call only these tools"
        checked={tools !== null}
        onChange={(event) => set(event.currentTarget.checked ? [] : null)}
      />
      {tools === null ? null : (
        <Rows
          title="Tools"
          lead="Those that pay, delete or write to outsiders belong to a person."
          add="Add a tool"
          items={tools}
          fresh={(): NonNullable<Output['tools']>[number] => ({
            name: NEW_ID,
            argumentsSchema: null,
            approval: 'human',
          })}
          nameOf={({ name }) => `tool ${name}`}
          onChange={set}
        >
          {(tool, at, change) => (
            <>
              <FormRow>
                <TextInput
                  label="Name"
                  maxLength={128}
                  value={tool.name}
                  onChange={(event) => change({ ...tool, name: event.currentTarget.value })}
                />
                <Select
                  label="Approval"
                  allowDeselect={false}
                  data={[
                    { value: 'human', label: 'A person approves each call' },
                    { value: 'none', label: 'None' },
                  ]}
                  value={tool.approval}
                  onChange={(value) => value && change({ ...tool, approval: value as typeof tool.approval })}
                />
                {tool.approval === 'human' ? <ApprovalMinutes tool={tool} onChange={change} /> : null}
              </FormRow>
              <JsonField
                label="JSON Schema of its arguments"
                description="Empty: any."
                value={tool.argumentsSchema}
                error={problemAt(problems, `output.tools.${at}.argumentsSchema`)}
                onChange={(argumentsSchema) => change({ ...tool, argumentsSchema })}
              />
            </>
          )}
        </Rows>
      )}
    </>
  );
}

import { HrefLink } from '#src/apps/web/href-link.tsx';
import type { NextStep } from '#src/features/overview/model.ts';
import { Section } from '#src/ui/page.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import classes from './next-steps.module.css';

/** The work in the order that pays most. */
export function NextSteps({ steps }: { steps: NextStep[] }) {
  return (
    <Section title="Do next" count={steps.length}>
      {steps.length === 0 ? (
        <p className={classes.none}>Nothing waits. The next scheduled reading will say if something changed.</p>
      ) : (
        <ol className={classes.steps}>
          {steps.map((step) => (
            <li key={`${step.href} ${step.title}`}>
              <div className={classes.words}>
                <strong>{step.title}</strong>
                <p>
                  {step.severity === 'critical' || step.severity === 'high' ? (
                    <span className={classes.severity} data-severity={step.severity}>
                      {sentenceCase(step.severity)}
                    </span>
                  ) : null}
                  {step.why}
                </p>
              </div>
              <HrefLink href={step.href} className={classes.action}>
                {step.action}
              </HrefLink>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

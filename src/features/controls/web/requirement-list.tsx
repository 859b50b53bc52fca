import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { Notice } from '#src/ui/feedback.tsx';
import { StateBadge, StateIcon } from '#src/ui/state-badge.tsx';
import type { FrameworkPage, FrameworkStatus, RequirementStatus } from '../model.ts';
import classes from './requirement-list.module.css';

/** The requirements of one framework with the state of each; the chosen one narrows the table beside it. */
export function RequirementList({
  framework,
  requirement,
}: {
  framework: FrameworkStatus | undefined;
  requirement: string | undefined;
}) {
  const list = useRef<HTMLElement>(null);
  // A link such as the strip on the overview leads to one requirement of many: bring it into the list's view.
  useEffect(() => {
    const place = requirement ? list.current?.querySelector<HTMLElement>('[aria-current]') : null;
    if (place && list.current) list.current.scrollTop = place.offsetTop - list.current.clientHeight / 2;
  }, [requirement]);
  if (!framework) return <Notice tone="fail">This framework is not in the catalog.</Notice>;
  return (
    <nav aria-label={`Requirements of ${framework.title}`} className={classes.list} ref={list}>
      <p className={classes.note}>{framework.note}</p>
      {framework.groups.map((group) => (
        <section key={group.id}>
          <h2 className={classes.group}>{group.title}</h2>
          <ul>
            {group.requirements.map((each) => (
              <li key={each.id}>
                <Link
                  from="/controls"
                  to="/controls"
                  search={(held) => ({ ...held, requirement: each.id === requirement ? undefined : each.id })}
                  className={classes.requirement}
                  aria-current={each.id === requirement ? 'true' : undefined}
                  activeProps={{}}
                  resetScroll={false}
                >
                  {each.state ? <StateIcon state={each.state} /> : <span className={classes.none}>–</span>}
                  <span className={classes.id}>{each.id}</span>
                  <span className={classes.title}>{each.title}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** What the chosen requirement asks, in our words. */
export function RequirementHead({
  page,
  framework,
  requirement,
}: {
  page: FrameworkPage | undefined;
  framework: string | undefined;
  requirement: string | undefined;
}) {
  if (!requirement) return null;
  const found = page?.items
    .filter(({ id }) => framework === undefined || id === framework)
    .flatMap(({ groups }) => groups.flatMap(({ requirements }) => requirements))
    .find(({ id }) => id === requirement);
  if (!found) return null;
  return <Head requirement={found} />;
}

function Head({ requirement }: { requirement: RequirementStatus }) {
  return (
    <div className={classes.head}>
      <div className={classes.headTitle}>
        <h2>
          {requirement.id} {requirement.title}
        </h2>
        {requirement.state ? <StateBadge state={requirement.state} /> : null}
      </div>
      {requirement.meaning ? <p>{requirement.meaning}</p> : null}
      {requirement.forAiSystems ? (
        <p className={classes.ai}>
          <strong>For AI systems.</strong> {requirement.forAiSystems}
        </p>
      ) : null}
      {requirement.notCovered ? <p className={classes.ai}>No control covers it: {requirement.notCovered}</p> : null}
    </div>
  );
}

import { Link } from '@tanstack/react-router';
import type { Overview } from '#src/features/overview/model.ts';
import { Section } from '#src/ui/page.tsx';
import classes from './register.module.css';

/** The AI systems and what is still undecided about them. Every number is a link. */
export function Register({ overview }: { overview: Overview }) {
  const { systems, inventory, attestationsWaiting } = overview;
  return (
    <Section title="AI systems" aside={<Link to="/inventory">Inventory</Link>}>
      <ul className={classes.numbers}>
        <Amount to="/inventory" amount={systems.total} words="systems" />
        <Amount to="/inventory" amount={systems.inScope} words="in scope" />
        <Amount to="/inventory" amount={systems.undecided} words="scope undecided" urgent />
        <Amount to="/inventory" amount={systems.withoutOwner} words="without owner" urgent />
        <Amount to="/inventory" amount={systems.attestationDue} words="attestation due" urgent />
        <li>
          <Link to="/inventory/items" search={{ state: 'proposed' }} data-urgent={inventory.proposed > 0 || undefined}>
            <span>{inventory.proposed.toLocaleString('en-US')}</span> items to confirm
          </Link>
        </li>
        <li>
          <Link to="/inventory/items" search={{ state: 'confirmed' }}>
            <span>{inventory.confirmed.toLocaleString('en-US')}</span> items confirmed
          </Link>
        </li>
        <li>
          <Link
            to="/evidence/attestations"
            search={{ state: 'waiting' }}
            data-urgent={attestationsWaiting > 0 || undefined}
          >
            <span>{attestationsWaiting.toLocaleString('en-US')}</span> attestations to review
          </Link>
        </li>
      </ul>
    </Section>
  );
}

function Amount({
  to,
  amount,
  words,
  urgent = false,
}: {
  to: '/inventory';
  amount: number;
  words: string;
  urgent?: boolean;
}) {
  return (
    <li>
      <Link to={to} data-urgent={(urgent && amount > 0) || undefined}>
        <span>{amount.toLocaleString('en-US')}</span> {words}
      </Link>
    </li>
  );
}

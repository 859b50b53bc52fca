import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';

/** A link to a page of this app whose address comes from the server, e.g. the next step on the overview. */
export function HrefLink({ href, children, className }: { href: string; children: ReactNode; className?: string }) {
  const router = useRouter();
  // Only a path of this app; anything else would lead people away under our name.
  const path = /^\/(?![/\\])/.test(href) ? href : '/';
  function follow(event: MouseEvent) {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    event.preventDefault();
    router.history.push(path);
  }
  return (
    <a href={path} onClick={follow} className={className}>
      {children}
    </a>
  );
}

import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './side-drawer.module.css';

/** A panel at the side that keeps the list behind it. */
export function SideDrawer({
  opened,
  title,
  onClose,
  children,
  footer,
}: {
  opened: boolean;
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
}) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      title={title}
      size="34rem"
      closeButtonProps={{ 'aria-label': 'Close panel' }}
      // The page has its banner; a second one would be announced beside it.
      attributes={{ header: { role: 'presentation' } }}
      classNames={{ title: classes.title, body: classes.body, content: classes.content }}
    >
      <div className={classes.scroll}>{children}</div>
      {footer ? <div className={classes.footer}>{footer}</div> : null}
    </Drawer>
  );
}

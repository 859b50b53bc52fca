import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './shell.module.css';

/** The navigation of narrow screens. Apart from the shell, so that wide ones never load it. */
export function MenuDrawer({
  title,
  onClose,
  children,
}: {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="left"
      size="17rem"
      title={title}
      closeButtonProps={{ 'aria-label': 'Close menu' }}
      classNames={{ body: classes.drawerBody, content: classes.drawerContent }}
    >
      {children}
    </Drawer>
  );
}

import '#src/ui/styles.ts';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { cssVariables, theme } from '#src/ui/theme.ts';
import { ToastProvider } from '#src/ui/toast.tsx';
import { createQueryClient } from './query-client.ts';
import { createAppRouter } from './router.ts';
import { SignInAgain } from './sign-in-again.tsx';

const colorSchemeManager = localStorageColorSchemeManager({ key: 'assay-color-scheme' });
const queryClient = createQueryClient();
const router = createAppRouter(queryClient);

const place = document.getElementById('app');
if (!place) throw new Error('index.html holds no #app');
createRoot(place).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <ToastProvider>
          <RouterProvider router={router} />
          <SignInAgain />
        </ToastProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

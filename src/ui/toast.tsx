import { IconX } from '@tabler/icons-react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { Tone } from './palette.ts';
import { StateMark } from './state-mark.tsx';
import classes from './toast.module.css';

type Toast = { id: number; tone: 'pass' | 'fail'; title: string; detail?: ReactNode };
type Say = { done: (title: string, detail?: ReactNode) => void; failed: (title: string, detail?: ReactNode) => void };

const DONE_SHOWN_MS = 6000;
const SHOWN_MAX = 4;
const ToastContext = createContext<Say | null>(null);

/** Short messages at the edge of the screen. Good news leaves by itself; bad news stays until it is closed. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(1);
  const close = useCallback((id: number) => setToasts((held) => held.filter((toast) => toast.id !== id)), []);
  const say = useMemo<Say>(() => {
    const add = (toast: Omit<Toast, 'id'>) =>
      setToasts((held) => [...held.slice(1 - SHOWN_MAX), { ...toast, id: next.current++ }]);
    return {
      done: (title, detail) => add({ tone: 'pass', title, detail }),
      failed: (title, detail) => add({ tone: 'fail', title, detail }),
    };
  }, []);
  return (
    <ToastContext.Provider value={say}>
      {children}
      <section className={classes.stack} aria-label="Messages" aria-live="polite">
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} onClose={() => close(toast.id)} />
        ))}
      </section>
    </ToastContext.Provider>
  );
}

function ToastCard({ toast, onClose }: { toast: Toast; onClose: () => void }) {
  const [held, setHeld] = useState(false);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    // Whoever points at a message is reading it.
    if (toast.tone === 'fail' || held) return;
    const timer = setTimeout(() => close.current(), DONE_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast.tone, held]);
  const tone: Tone = toast.tone;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing only keeps the message; nothing can be done here by mouse alone
    <div
      className={classes.toast}
      data-tone={tone}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      role={toast.tone === 'fail' ? 'alert' : undefined}
    >
      <span className={classes.mark}>
        <StateMark shape={toast.tone === 'pass' ? 'check' : 'cross'} sizePx={16} />
      </span>
      <div className={classes.words}>
        <strong>{toast.title}</strong>
        {toast.detail ? <div className={classes.detail}>{toast.detail}</div> : null}
      </div>
      <button type="button" className={classes.close} onClick={onClose} aria-label="Close message">
        <IconX size={14} aria-hidden />
      </button>
    </div>
  );
}

export function useToast(): Say {
  const say = useContext(ToastContext);
  if (!say) throw new Error('useToast needs a ToastProvider above it');
  return say;
}

// Typed work is not lost without a question: on the way to another page, back, into another sandbox, and out of the application.
import { useEffect, useState, useSyncExternalStore } from 'react';
import { AlertDialog } from '@adobe/react-spectrum/AlertDialog';
import { DialogContainer } from '@adobe/react-spectrum/DialogContainer';

let place = { path: window.location.pathname, address: window.location.href };
const watchers = new Set<() => void>();
/** What would be lost, by the part of the page that has it. */
const losses = new Map<object, string>();
let ask: ((what: string) => Promise<boolean>) | undefined;
let asking: Promise<boolean> | undefined;

function settle() {
  place = { path: window.location.pathname, address: window.location.href };
  for (const watcher of watchers) watcher();
}

/** Whether the page may be left; asks when something would be lost. */
export async function mayLeave(): Promise<boolean> {
  const [what] = losses.values();
  if (what === undefined || !ask) return true;
  asking ??= ask(what).finally(() => (asking = undefined));
  const may = await asking;
  if (may) losses.clear();
  return may;
}

/** What was typed is stored: nothing is lost any more. */
export const nothingLost = () => losses.clear();

export function navigate(to: string, { replace = false, state = null }: { replace?: boolean; state?: unknown } = {}) {
  const go = () => {
    window.history[replace ? 'replaceState' : 'pushState'](state, '', to);
    settle();
  };
  if (losses.size === 0) go();
  else void mayLeave().then((may) => may && go());
}

// The browser has gone back already when it tells: the old address is put there again while, and if, one stays.
window.addEventListener('popstate', () => {
  if (losses.size === 0 || window.location.pathname === place.path) return settle();
  const stayed = place.address;
  void mayLeave().then((may) => (may ? settle() : window.history.pushState(null, '', stayed)));
});

const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** The router's location: where one is allowed to be. */
export const usePlace = (): [string, typeof navigate] => [useSyncExternalStore(watch, () => place.path), navigate];

/** Asks before `what` is lost; undefined: there is nothing to lose. */
export function useUnsaved(what: string | undefined) {
  useEffect(() => {
    if (what === undefined) return undefined;
    const who = {};
    const onLeave = (event: BeforeUnloadEvent) => losses.has(who) && event.preventDefault();
    losses.set(who, what);
    window.addEventListener('beforeunload', onLeave);
    return () => {
      losses.delete(who);
      window.removeEventListener('beforeunload', onLeave);
    };
  }, [what]);
}

export function LeaveQuestion() {
  const [asked, setAsked] = useState<{ what: string; answer(may: boolean): void }>();
  useEffect(() => {
    ask = (what) => new Promise((answer) => setAsked({ what, answer }));
    return () => {
      ask = undefined;
    };
  }, []);
  const end = (may: boolean) => {
    asked?.answer(may);
    setAsked(undefined);
  };
  // It is dismissed before its action is called, too.
  return (
    <DialogContainer onDismiss={() => queueMicrotask(() => end(false))}>
      {asked && <AlertDialog title="Leave this page?" variant="destructive" primaryActionLabel="Leave" cancelLabel="Stay" onPrimaryAction={() => end(true)}>{asked.what}</AlertDialog>}
    </DialogContainer>
  );
}

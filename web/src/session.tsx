// Who is signed in, for which organisation and sandbox, and in which colours.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { call, events, scope, sessionEnded, sessionIsBack, type Session } from './api';

export interface Sandbox {
  name: string;
  title: string;
  type: string;
}

interface SessionState {
  session: Session;
  /** There was one, and it is over: what is on the page waits for the next. */
  ended: boolean;
  org: string;
  sandbox: string;
  sandboxes: Sandbox[];
  choose(org: string, sandbox: string): void;
  /** Sandboxes and organisations come and go while one looks. */
  refresh(): Promise<void>;
  signIn(code: string): Promise<void>;
  signOut(): Promise<void>;
}

const Context = createContext<SessionState | null>(null);
export const useSession = () => useContext(Context)!;

const remembered = (name: string) => localStorage.getItem(`headwater.${name}`) ?? '';
const remember = (name: string, value: string) => localStorage.setItem(`headwater.${name}`, value);

const sandboxesOf = async (org: string) => (await call<{ sandboxes: Sandbox[] }>('GET', '/data/foundation/sandbox-management/sandboxes', { headers: { 'x-gw-ims-org-id': org } })).sandboxes;

const often = 30_000;
const soon = 3000;

export function SessionProvider({ children, waiting }: { children: ReactNode; waiting: ReactNode }) {
  const queries = useQueryClient();
  const [session, setSession] = useState<Session>();
  const [ended, setEnded] = useState(false);
  const [org, setOrg] = useState('');
  const [sandbox, setSandbox] = useState('');
  const [sandboxes, setSandboxes] = useState<Sandbox[]>([]);

  const enter = useCallback(async (found: Session, wantedOrg = remembered('org'), wantedSandbox = remembered('sandbox')) => {
    scope.csrf = found.csrfToken ?? '';
    if (!found.signedIn) {
      setSession(found);
      return;
    }
    sessionIsBack();
    const orgs = found.organisations ?? [];
    const chosen = orgs.find(({ id }) => id === wantedOrg)?.id ?? orgs[0]?.id ?? '';
    const all = await sandboxesOf(chosen);
    const within = (all.find(({ name }) => name === wantedSandbox) ?? all.find(({ name }) => name === 'prod') ?? all[0])?.name ?? '';
    if (scope.org !== chosen || scope.sandbox !== within) queries.clear(); // what was asked for in another one is no answer here
    scope.org = chosen;
    scope.sandbox = within;
    remember('org', chosen);
    remember('sandbox', within);
    setOrg(chosen);
    setSandboxes(all);
    setSandbox(within);
    setSession(found);
    setEnded(false);
  }, [queries]);

  useEffect(() => {
    events.signedOut = () => {
      queries.clear();
      setSession({ signedIn: false });
    };
    events.ended = () => setEnded(true);
    call<Session>('GET', '/session').then((found) => enter(found)).catch(() => setSession({ signedIn: false }));
  }, [enter, queries]);

  const refresh = useCallback(async () => {
    if (!session || document.hidden) return;
    const found = await call<Session>('GET', '/session');
    if (!session.signedIn || ended) return found.signedIn ? enter(found) : undefined;
    if (!found.signedIn) return sessionEnded();
    scope.csrf = found.csrfToken ?? '';
    const all = await sandboxesOf(org);
    if (scope.org !== org || scope.sandbox !== sandbox) return; // another one was chosen meanwhile
    if (JSON.stringify(found.organisations) !== JSON.stringify(session.organisations)) setSession(found);
    if (!all.some(({ name }) => name === sandbox)) return enter(found, org, ''); // it was deleted
    setSandboxes((known) => (JSON.stringify(known) === JSON.stringify(all) ? known : all));
  }, [session, ended, org, sandbox, enter]);

  // Another tab may have signed out, or in, meanwhile.
  const waits = !session?.signedIn || ended;
  useEffect(() => {
    const look = () => void refresh().catch(() => undefined);
    const timer = setInterval(look, waits ? soon : often);
    window.addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [refresh, waits]);

  const state = useMemo<SessionState | null>(() => session ? {
    session, ended: ended && session.signedIn, org, sandbox, sandboxes,
    choose: (nextOrg, nextSandbox) => void enter(session, nextOrg, nextSandbox),
    refresh: () => refresh().catch(() => undefined),
    signIn: async (code) => enter(await call<Session>('POST', '/session', { body: { code } })),
    signOut: async () => {
      await call('DELETE', '/session');
      events.signedOut();
    },
  } : null, [session, ended, org, sandbox, sandboxes, enter, refresh, queries]);

  return state ? <Context.Provider value={state}>{children}</Context.Provider> : <>{waiting}</>;
}

export type Scheme = 'light' | 'dark' | undefined;

/** undefined: as the system has it. */
export function useScheme(): [Scheme, (scheme: Scheme) => void] {
  const [scheme, setScheme] = useState<Scheme>((remembered('scheme') || undefined) as Scheme);
  return [scheme, (next) => {
    remember('scheme', next ?? '');
    setScheme(next);
  }];
}

export const SchemeContext = createContext<[Scheme, (scheme: Scheme) => void]>([undefined, () => {}]);

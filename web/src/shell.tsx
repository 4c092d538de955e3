// What stands around every page: where one can go, whose things are shown, colours, signing out.
import { useContext, useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { ActionButton } from '@adobe/react-spectrum/ActionButton';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { Menu, Section } from '@adobe/react-spectrum/Menu';
import { MenuTrigger } from '@adobe/react-spectrum/MenuTrigger';
import { Text } from '@adobe/react-spectrum/Text';
import { ToastContainer } from '@adobe/react-spectrum/Toast';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { server } from './api';
import { mayLeave } from './parts/leaving';
import { SchemeContext, useSession, type Scheme } from './session';

const places = [
  ['/', 'Sources'],
  ['/flows', 'Dataflows'],
  ['/accounts', 'Accounts'],
  ['/datasets', 'Datasets'],
  ['/system', 'System'],
] as const;

const isAt = (path: string, place: string) => (place === '/' ? path === '/' || path.startsWith('/sources') : path.startsWith(place));

function Places() {
  const [path] = useLocation();
  return (
    <nav className="places" aria-label="Main">
      {places.map(([place, name]) => (
        <Link key={place} href={place} aria-current={isAt(path, place) ? 'page' : undefined}>{name}</Link>
      ))}
    </nav>
  );
}

function Scopes() {
  const { session, org, sandbox, sandboxes, choose, refresh } = useSession();
  const [path, navigate] = useLocation();
  // A thing of one sandbox is not there in another one: its list is.
  const change = async (nextOrg: string, nextSandbox: string) => {
    if ((nextOrg === org && nextSandbox === sandbox) || !(await mayLeave())) return;
    const place = places.find(([each]) => isAt(path, each))?.[0] ?? '/';
    if (path !== place) navigate(place);
    choose(nextOrg, nextSandbox);
  };
  const orgs = session.organisations ?? [];
  return (
    <div className="scopes">
      {orgs.length > 1 && (
        <Picker aria-label="Organisation" isQuiet items={orgs} selectedKey={org} onSelectionChange={(key) => void change(String(key), '')}>
          {(one) => <Item key={one.id}>{one.name === one.id ? one.id.replace(/@.*/, '') : one.name}</Item>}
        </Picker>
      )}
      <Picker aria-label="Sandbox" isQuiet items={sandboxes} onOpenChange={(open) => { if (open) void refresh(); }} selectedKey={sandbox} onSelectionChange={(key) => void change(org, String(key))}>
        {(one) => <Item key={one.name} textValue={one.name}>{one.name}</Item>}
      </Picker>
    </div>
  );
}

const colours = new Set(['system', 'light', 'dark']);

function You() {
  const { signOut } = useSession();
  const [scheme, setScheme] = useContext(SchemeContext);
  const act = (key: string | number) => {
    if (key === 'out') void signOut();
    else if (key === 'api') window.location.assign('/docs');
  };
  return (
    <MenuTrigger>
      <ActionButton isQuiet aria-label="Appearance and session"><Text>Menu</Text></ActionButton>
      <Menu onAction={act} selectionMode="single" selectedKeys={[scheme ?? 'system']} onSelectionChange={(keys) => {
        const chosen = [...(keys as Set<string>)][0];
        if (colours.has(chosen)) setScheme((chosen === 'system' ? undefined : chosen) as Scheme);
      }}>
        <Section title="Colours">
          <Item key="system">As the system</Item>
          <Item key="light">Light</Item>
          <Item key="dark">Dark</Item>
        </Section>
        <Section title="Headwater">
          <Item key="api">API description</Item>
          <Item key="out">Sign out</Item>
        </Section>
      </Menu>
    </MenuTrigger>
  );
}

/** A browser without a network says so itself: nothing that is asked then would be answered. A server that is away is asked again. */
function Offline() {
  const queries = useQueryClient();
  const offline = useSyncExternalStore((told) => {
    for (const event of ['online', 'offline']) window.addEventListener(event, told);
    return () => {
      for (const event of ['online', 'offline']) window.removeEventListener(event, told);
    };
  }, () => !navigator.onLine);
  const silent = useSyncExternalStore((told) => {
    server.watchers.add(told);
    return () => server.watchers.delete(told);
  }, () => server.silent);
  const { refresh } = useSession();
  const was = useRef(false);
  useEffect(() => {
    // What failed meanwhile is asked for again.
    if (was.current && !silent) void queries.refetchQueries({ predicate: ({ state }) => state.status === 'error', type: 'active' });
    was.current = silent;
    if (!silent) return undefined;
    const timer = setInterval(() => void refresh(), 3000);
    return () => clearInterval(timer);
  }, [silent, refresh, queries]);
  const told = offline ? 'There is no network connection. What you see may be old; it is asked for again when there is one.' : silent ? 'Headwater does not answer. What you see may be old; it is asked for again until there is an answer.' : '';
  return <div role="status">{told && <p className="offline">{told}</p>}</div>;
}

export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const content = useRef<HTMLElement>(null);
  const first = useRef(true);
  // A new page is announced and read from its beginning.
  useEffect(() => {
    if (!first.current) content.current?.focus();
    first.current = false;
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <>
      <a className="skip" href="#content">Skip to the content</a>
      <header className="bar">
        <Link href="/" className="brand"><span className="mark" aria-hidden="true" />Headwater</Link>
        <Places />
        <Scopes />
        <You />
      </header>
      <Offline />
      <main id="content" ref={content} tabIndex={-1}>{children}</main>
      <ToastContainer />
    </>
  );
}

import { useEffect, useRef, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Form } from '@adobe/react-spectrum/Form';
import { TextField } from '@adobe/react-spectrum/TextField';
import { useLocation } from 'wouter';
import { Loading } from '../parts/parts';
import { useSession } from '../session';

// The code of a sign-in link stands behind the #: neither servers on the way nor logs see it.
const codeOf = (link: string) => link.trim().replace(/^[^#]*#/, '');

const aim = 'headwater.aim'; // of this tab: where one was when nobody was signed in
const isPage = (path: string) => /^\/[a-z][\w/-]*$/.test(path);

// A page of this application that the link leads to, or where one was.
const aimOf = (search: string) => [new URLSearchParams(search).get('to') ?? '', sessionStorage.getItem(aim) ?? ''].find(isPage) ?? '/';

function Paste({ enter }: { enter(link: string): void }) {
  const [link, setLink] = useState('');
  return (
    <Form width="100%" onSubmit={(event) => {
      event.preventDefault();
      enter(link);
    }}>
      <TextField label="Or paste the link here" type="password" autoComplete="off" value={link} onChange={setLink} width="100%" />
      <div><Button type="submit" variant="accent" isDisabled={!codeOf(link)}>Sign in</Button></div>
    </Form>
  );
}

/** Instead of the pages; also over one whose session has ended, which then goes on. */
export function SignIn() {
  const { session, ended, signIn } = useSession();
  const [path, navigate] = useLocation();
  const [refusal, setRefusal] = useState('');
  const tried = useRef(false);
  const code = path === '/sign-in' && window.location.hash ? codeOf(window.location.hash) : '';
  const [busy, setBusy] = useState(code !== '');
  const top = useRef<HTMLHeadingElement>(null);

  const enter = (given: string) => {
    const to = aimOf(window.location.search);
    setBusy(true);
    setRefusal('');
    signIn(given).then(() => {
      sessionStorage.removeItem(aim);
      if (path === '/sign-in') navigate(to, { replace: true });
    }, (error) => {
      setRefusal((error as Error).message);
      setBusy(false);
    });
  };

  useEffect(() => {
    if (ended) top.current?.focus();
    else document.title = 'Sources catalog';
    if (path !== '/sign-in') sessionStorage.setItem(aim, path);
    if (!code || tried.current) return;
    tried.current = true;
    window.history.replaceState(null, '', `/sign-in${window.location.search}`);
    enter(code);
  }, []); // eslint-disable-line

  if (busy) return <main className="sign-in"><Loading what="Signing in" /></main>;
  return (
    <main className="sign-in">
      <div className="card">
        <span className="mark large" aria-hidden="true" />
        <h1 ref={top} tabIndex={-1}>{ended ? 'Your session has ended' : 'Sources catalog'}</h1>
        {ended ? <p role="alert">It was signed out, or its twelve hours are over. Sign in again, in any tab of this browser: this page then goes on where you were, with what you have typed.</p>
          : <p>Set up a source, see its data, and watch it run. You need a sign-in link for that.</p>}
        {refusal && <p className="refusal" role="alert">{refusal}</p>}
        <ol>
          {!ended && <li>The server prints one when it starts: look at the terminal where <code>make run</code> or <code>headwater serve</code> is running.</li>}
          <li>{ended ? 'Make a new link' : 'Or make a new one'} on the server’s machine:
            <pre tabIndex={0} aria-label="Command that makes a sign-in link">headwater login --data-dir FOLDER</pre>
          </li>
        </ol>
        <Paste enter={(link) => enter(codeOf(link))} />
        <p className="quiet">A link works once and within 15 minutes. The API needs no sign-in but a token; it is described at <a href="/docs">/docs</a>.</p>
        {session.signedIn && !ended && <Button variant="accent" onPress={() => navigate('/')}>Go on with your session</Button>}
      </div>
    </main>
  );
}

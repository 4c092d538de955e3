import { useEffect, useRef, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { useLocation } from 'wouter';
import { Loading } from '../parts/parts';
import { useSession } from '../session';

// The code of a sign-in link stands behind the #: neither servers on the way nor logs see it.
const codeOf = (hash: string) => hash.replace(/^#/, '');

// A page of this application that the link leads to.
const aimOf = (search: string) => {
  const to = new URLSearchParams(search).get('to') ?? '/';
  return /^\/[a-z][\w/-]*$/.test(to) ? to : '/';
};

export function SignIn() {
  const { session, signIn } = useSession();
  const [path, navigate] = useLocation();
  const [refusal, setRefusal] = useState('');
  const tried = useRef(false);
  const code = path === '/sign-in' ? codeOf(window.location.hash) : '';
  const [busy, setBusy] = useState(code !== '');

  useEffect(() => {
    document.title = 'Sources catalog';
    if (!code || tried.current) return;
    tried.current = true;
    const aim = aimOf(window.location.search);
    window.history.replaceState(null, '', '/sign-in');
    signIn(code).then(() => navigate(aim, { replace: true }), (error) => {
      setRefusal((error as Error).message);
      setBusy(false);
    });
  }, [code, navigate, signIn]);

  if (busy) return <main className="sign-in"><Loading what="Signing in" /></main>;
  return (
    <main className="sign-in">
      <div className="card">
        <span className="mark large" aria-hidden="true" />
        <h1>Sources catalog</h1>
        <p>Set up a source, see its data, and watch it run. You need a sign-in link for that.</p>
        {refusal && <p className="refusal" role="alert">{refusal}</p>}
        <ol>
          <li>The server prints one when it starts: look at the terminal where <code>make run</code> or <code>headwater serve</code> is running.</li>
          <li>Or make a new one on the server’s machine:
            <pre tabIndex={0} aria-label="Command that makes a sign-in link">headwater login --data-dir FOLDER</pre>
          </li>
        </ol>
        <p className="quiet">A link works once and within 15 minutes. The API needs no sign-in but a token; it is described at <a href="/docs">/docs</a>.</p>
        {session.signedIn && <Button variant="accent" onPress={() => navigate('/')}>Go on with your session</Button>}
      </div>
    </main>
  );
}

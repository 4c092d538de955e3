// Where a connection spec is written: as code and as a form, with its check and what happens when it runs beside it.
import { Suspense, useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { Item as Tab, TabList, TabPanels, Tabs } from '@adobe/react-spectrum/Tabs';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api';
import { jsonCompletions } from '../editor/json-schema';
import { readExactly, written } from '../exact';
import { SchemaForm } from '../forms/schema-form';
import { arriving } from '../parts/arriving';
import { useLater } from '../parts/later';
import { Guarded } from '../parts/guarded';
import { Failure, Loading, Panel } from '../parts/parts';
import { ShownPreview } from '../set-up/preview';
import { signInCalled } from '../specs';
import { SpecForm } from './form';
import { specSchema } from './schema';

const Code = arriving(() => import('../editor/code'));
const completions = jsonCompletions(specSchema);

interface Problem {
  pointer: string;
  reason: string;
  hint?: string;
  severity: 'error' | 'warning';
}

interface Request {
  why: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** What one call of the source led to. */
interface Seen {
  page?: { status: number; contentType: string; text: string; bytes: number; cut: boolean };
  content?: { path: string; count: number; complete: boolean };
  next?: Request;
  preview?: { schema: any; data: any[] };
  failure?: { message: string };
}

interface Tried extends Seen {
  problems: Problem[];
  plan?: { requests: Request[]; paging: string; auth: string; content: string; notes: string[] };
  refusal?: string;
}

const attempt = (body: unknown) => call<Tried>('POST', '/headwater/drafts/try', { body, exact: true });

function Problems({ problems }: { problems: Problem[] }) {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return (
    <div className="stack">
      <p role="status"><span className={`state ${errors ? 'negative' : problems.length ? 'notice' : 'positive'}`}>{errors ? `${errors} ${errors === 1 ? 'error' : 'errors'}` : problems.length ? 'It can run, with remarks' : 'Nothing to complain about'}</span></p>
      {problems.length > 0 && <ul className="problems">{problems.map(({ pointer, reason, hint, severity }, index) => <li key={index} className={severity}><code>{pointer || '/'}</code> {reason} <span className="quiet">{hint}</span></li>)}</ul>}
    </div>
  );
}

function ShownRequest({ request }: { request: Request }) {
  return (
    <div className="request">
      <span className="quiet">{request.why}</span>
      <pre tabIndex={0} aria-label={request.why}>{`${request.method} ${request.url}\n${Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\n`).join('')}${request.body ? `\n${request.body}` : ''}`}</pre>
    </div>
  );
}

const counted = (count: number, noun: string) => `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`;

/** From the page as it came to the next page's request. */
function ShownSeen({ seen: { page, content, next, preview, failure } }: { seen: Seen }) {
  return (
    <div className="stack">
      {page && (
        <div className="request">
          <h3>The page as it came <span className="quiet">status {page.status}, {page.contentType || 'no content type'}, {counted(page.bytes, 'byte')}{page.cut ? ', its beginning' : ''}</span></h3>
          <pre tabIndex={0} className="raw" role="region" aria-label="The page as it came">{page.text || 'It is empty.'}</pre>
        </div>
      )}
      {failure && <Failure error={new Error(failure.message)} />}
      {content && <p>The records are the {counted(content.count, 'element')}{content.complete ? '' : ' read so far'} of <code>{content.path}</code>.</p>}
      {preview && <ShownPreview preview={preview} />}
      {next ? <ShownRequest request={next} /> : content && <p>There is no next page: the source has ended.</p>}
    </div>
  );
}

function Requests({ plan, refusal }: { plan?: Tried['plan']; refusal?: string }) {
  if (!plan) return <p className="quiet">{refusal ?? 'The requests are shown when the spec can run.'}</p>;
  return (
    <div className="stack">
      <p>{plan.paging && <>Paging: {plan.paging}. </>}Records: {plan.content}.</p>
      {plan.requests.map((request, index) => <ShownRequest key={index} request={request} />)}
      {plan.notes.map((note) => <p key={note} className="quiet">{note}</p>)}
    </div>
  );
}

/** What a draft is tried with when it is not typed in: {specName, params} or the bare params, and the source's params. */
export interface Given {
  auth?: any;
  params?: any;
}

/** The document that a text is, when it is a JSON object. */
function objectOf(text: string): any {
  try {
    const parsed = readExactly(text);
    return parsed && typeof parsed === 'object' && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The value that comes from outside until it is changed here; then what comes from outside no longer counts. */
function useGiven(given: any): [any, (value: any) => void] {
  const text = written(given ?? {});
  const [value, setValue] = useState<any>(given ?? {});
  const before = useRef(text);
  useEffect(() => {
    const old = before.current;
    before.current = text;
    if (old !== text) setValue((now: any) => (written(now) === old ? readExactly(text) : now));
  }, [text]);
  return [value, setValue];
}

const wide = window.matchMedia('(min-width: 1200px)');
const onWide = (told: () => void) => {
  wide.addEventListener('change', told);
  return () => wide.removeEventListener('change', told);
};
/** Whether there is room for the document's two views beside each other. */
const useWide = () => useSyncExternalStore(onWide, () => wide.matches);

interface Props {
  text: string;
  setText(text: string): void;
  /** What is done with the spec; it is told whether the spec can run, and the document when it is one. */
  actions(faulty: boolean, document: any): ReactNode;
  given?: Given;
  /** When this changes, the source is called anew, if the spec can run. */
  again?: number;
  children?: ReactNode;
}

export function Workshop({ text, setText, actions, given, again = 0, children }: Props) {
  const [auth, setAuth] = useGiven(given?.auth?.specName ? given.auth.params : given?.auth);
  const [method, setMethod] = useState('');
  const [params, setParams] = useGiven(given?.params);
  const [seen, setSeen] = useState<Seen>();
  const memory = useRef<unknown>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const document = useMemo(() => objectOf(text), [text]);
  // The form shows the last document that could be read.
  const [shown, setShown] = useState<any>(document ?? {});
  useEffect(() => {
    if (document) setShown(document);
  }, [document]);
  const methods: { name: string; spec?: any }[] = Array.isArray(shown.authSpec) ? shown.authSpec.filter((one: any) => typeof one?.name === 'string') : [];
  const wanted = method || given?.auth?.specName;
  const chosen = signInCalled(methods, wanted) ?? methods[0];
  const draft = { connectionSpec: document, auth: chosen ? { specName: chosen.name, params: auth } : null, params };
  const now = written(draft);
  const late = useLater(now, 350);
  const lint = useQuery({
    queryKey: ['draft', late], enabled: document !== undefined && late === now, placeholderData: (before) => before, gcTime: 0, retry: false,
    queryFn: () => attempt(readExactly(late)),
  });
  const tried = document ? lint.data : undefined;
  const faulty = !tried || tried.problems.some(({ severity }) => severity === 'error');
  const look = async () => {
    setBusy(true);
    setError(undefined);
    setSeen(undefined);
    try {
      setSeen(await attempt({ ...draft, preview: true }));
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  // The source is called when it is known that the spec as it is now can run, and with what is given now.
  const called = useRef(again);
  const checked = lint.isSuccess && !lint.isPlaceholderData && late === now;
  useEffect(() => {
    if (!document) called.current = again; // nothing to call with; what is typed next was not saved
    if (called.current === again || !checked) return;
    called.current = again;
    if (faulty || !tried?.plan) setSeen(undefined);
    else void look();
  });
  const isWide = useWide();
  const code = <div className="view"><Suspense fallback={<Loading />}><Code label="Connection spec" language="json" value={text} onChange={setText} completions={completions} problems={tried?.problems} memory={memory} lines={12} /></Suspense></div>;
  const form = <SpecForm document={shown} isFolder={children !== undefined} isDisabled={!document} change={(next) => document && setText(written(next, 2))} />;
  return (
    <div className={isWide ? 'builder wide' : 'builder'}>
      <div className="stack">
        <Panel title="The spec" actions={actions(faulty, document)}>
          {isWide ? <div className="views"><div><h3>Code</h3>{code}</div><div><h3>Form</h3>{form}</div></div> : (
            <Tabs aria-label="Views of the spec" isQuiet>
              <TabList><Tab key="code">Code</Tab><Tab key="form">Form</Tab></TabList>
              <TabPanels><Tab key="code">{code}</Tab><Tab key="form">{form}</Tab></TabPanels>
            </Tabs>
          )}
        </Panel>
        {children}
      </div>
      <Guarded what="part of the page" anew={[text, tried, seen]}><div className="stack">
        <Panel title="Check">{document ? (lint.error ? <Failure error={lint.error} /> : tried ? <Problems problems={tried.problems} /> : <Loading />) : <p className="problem" role="status">This is no JSON object yet: the editor marks the place.</p>}</Panel>
        {(chosen || Object.keys(shown.sourceSpec?.spec?.properties ?? {}).length > 0) && (
          <Panel title="Try it with" about="Used for this page only; nothing is stored.">
            {methods.length > 1 && <Picker label="How to sign in" items={methods} selectedKey={chosen?.name} onSelectionChange={(key) => setMethod(String(key))}>{({ name }) => <Item key={name}>{name}</Item>}</Picker>}
            {chosen?.spec && <SchemaForm key={chosen.name} schema={chosen.spec} value={auth} onChange={setAuth} check={false} />}
            {shown.sourceSpec?.spec && <SchemaForm schema={shown.sourceSpec.spec} value={params} onChange={setParams} check={false} />}
          </Panel>
        )}
        <Panel title="What happens" about="The requests as they would be sent, secrets masked." actions={<Button variant="secondary" isDisabled={faulty} isPending={busy} onPress={() => void look()}>Call the source</Button>}>
          <Requests plan={tried?.plan} refusal={tried?.refusal} />
          {error !== undefined && <Failure error={error} />}
          {seen && <ShownSeen seen={seen} />}
        </Panel>
      </div></Guarded>
    </div>
  );
}

import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { Item as Tab, TabList, TabPanels, Tabs } from '@adobe/react-spectrum/Tabs';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { call, flowservice, one, post } from '../api';
import { at, parts, put, schemaFor, specSchema, template } from '../builder/schema';
import { jsonCompletions } from '../editor/json-schema';
import { SchemaForm } from '../forms/schema-form';
import { said } from '../parts/confirm';
import { Failure, Loading, Page, Panel } from '../parts/parts';
import { ShownPreview } from '../set-up/preview';
import { isStreaming, type ConnectionSpec } from '../specs';
import { useLater } from '../parts/later';

const Code = lazy(() => import('../editor/code'));
const batchFlowSpec = '6499120c-0b15-42dc-936e-847ea3c24d72';
const completions = jsonCompletions(specSchema);

interface Problem {
  pointer: string;
  reason: string;
  hint?: string;
  severity: 'error' | 'warning';
}

interface Tried {
  problems: Problem[];
  plan?: { requests: { why: string; method: string; url: string; headers: Record<string, string>; body?: string }[]; paging: string; auth: string; content: string; notes: string[] };
  refusal?: string;
  preview?: { schema: any; data: any[] };
}

/** What the server's own members of a stored spec are: not the author's. */
function authored(spec: any): any {
  const { createdAt: _1, updatedAt: _2, createdBy: _3, updatedBy: _4, createdClient: _5, updatedClient: _6, sandboxId: _7, sandboxName: _8, imsOrgId: _9, etag: _10, ...rest } = spec;
  return rest;
}

/** Registers the spec, or replaces it, and has the REST flow spec take it. */
async function publish(document: any, id: string): Promise<string> {
  const stored = id ? await call('PUT', `${flowservice}/connectionSpecs/${id}`, { body: document }) : await post(`${flowservice}/connectionSpecs`, document);
  const specId = id || (stored.id ?? stored.items?.[0]?.id);
  const flowSpec = await one(`/flowSpecs/${batchFlowSpec}`);
  if (!isStreaming(document) && !flowSpec.sourceConnectionSpecIds.includes(specId)) {
    flowSpec.sourceConnectionSpecIds.push(specId);
    await call('PUT', `${flowservice}/flowSpecs/${batchFlowSpec}`, { body: flowSpec });
  }
  return specId;
}

function Problems({ problems }: { problems: Problem[] }) {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return (
    <div className="stack">
      <p role="status"><span className={`state ${errors ? 'negative' : problems.length ? 'notice' : 'positive'}`}>{errors ? `${errors} ${errors === 1 ? 'error' : 'errors'}` : problems.length ? 'It can run, with remarks' : 'Nothing to complain about'}</span></p>
      {problems.length > 0 && <ul className="problems">{problems.map(({ pointer, reason, hint, severity }, index) => <li key={index} className={severity}><code>{pointer || '/'}</code> {reason} <span className="quiet">{hint}</span></li>)}</ul>}
    </div>
  );
}

function Requests({ plan, refusal }: { plan?: Tried['plan']; refusal?: string }) {
  if (!plan) return <p className="quiet">{refusal ?? 'The requests are shown when the spec can run.'}</p>;
  return (
    <div className="stack">
      <p>{plan.paging && <>Paging: {plan.paging}. </>}Records: {plan.content}.</p>
      {plan.requests.map((request, index) => (
        <div key={index} className="request">
          <span className="quiet">{request.why}</span>
          <pre tabIndex={0} aria-label={request.why}>{`${request.method} ${request.url}\n${Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\n`).join('')}${request.body ? `\n${request.body}` : ''}`}</pre>
        </div>
      ))}
      {plan.notes.map((note) => <p key={note} className="quiet">{note}</p>)}
    </div>
  );
}

function Builder({ start, id }: { start: any; id: string }) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [text, setText] = useState(() => JSON.stringify(start, null, 2));
  const [auth, setAuth] = useState<any>({});
  const [method, setMethod] = useState('');
  const [params, setParams] = useState<any>({});
  const [preview, setPreview] = useState<Tried['preview']>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const document = useMemo(() => {
    try {
      const parsed = JSON.parse(text);
      return parsed && typeof parsed === 'object' && !Array.isArray(parsed) ? parsed : undefined;
    } catch {
      return undefined;
    }
  }, [text]);
  // The form shows the last document that could be read.
  const [shown, setShown] = useState<any>(start);
  useEffect(() => {
    if (document) setShown(document);
  }, [document]);
  const methods: { name: string; spec?: any }[] = shown.authSpec ?? [];
  const chosen = methods.find(({ name }) => name === method) ?? methods[0];
  const draft = { connectionSpec: document, auth: chosen ? { specName: chosen.name, params: auth } : null, params };
  const late = useLater(JSON.stringify(draft), 350);
  const lint = useQuery({
    queryKey: ['draft', late], enabled: document !== undefined, placeholderData: (before) => before, gcTime: 0, retry: false,
    queryFn: () => post<Tried>('/headwater/drafts/try', JSON.parse(late)),
  });
  const tried = document ? lint.data : undefined;
  const faulty = !tried || tried.problems.some(({ severity }) => severity === 'error');
  const look = async () => {
    setBusy(true);
    setError(undefined);
    setPreview(undefined);
    try {
      setPreview((await post<Tried>('/headwater/drafts/try', { ...draft, preview: true })).preview);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const save = () => said(async () => {
    const stored = await publish(document, id);
    await queries.invalidateQueries();
    navigate(`/builder/${stored}`);
  }, 'Published: it stands in the catalog.');
  return (
    <div className="builder">
      <Panel title="The spec" actions={<Button variant="accent" isDisabled={faulty} onPress={() => void save()}>{id ? 'Publish the change' : 'Publish'}</Button>}>
        <Tabs aria-label="Views of the spec" isQuiet>
          <TabList><Tab key="code">Code</Tab><Tab key="form">Form</Tab></TabList>
          <TabPanels>
            <Tab key="code"><div className="view"><Suspense fallback={<Loading />}><Code label="Connection spec" language="json" value={text} onChange={setText} completions={completions} problems={tried?.problems} lines={12} /></Suspense></div></Tab>
            <Tab key="form">
              <div className="view stack">
                {parts.map(({ title, path, only }) => {
                  const schema = schemaFor(path) ?? specSchema;
                  const properties = Object.fromEntries(Object.entries<any>((path.length ? schema : specSchema).properties).filter(([name]) => !only || only.includes(name)));
                  const value = Object.fromEntries(Object.entries(at(shown, path) ?? {}).filter(([name]) => name in properties));
                  return (
                    <fieldset key={title} className="group">
                      <legend>{title}</legend>
                      <SchemaForm schema={{ type: 'object', properties }} value={value} check={false} onChange={(next) => document && setText(JSON.stringify(put(document, path, next), null, 2))} />
                    </fieldset>
                  );
                })}
              </div>
            </Tab>
          </TabPanels>
        </Tabs>
      </Panel>
      <div className="stack">
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
          {preview && <ShownPreview preview={preview} />}
        </Panel>
      </div>
    </div>
  );
}

export default function BuilderPage({ id = '' }: { id?: string }) {
  const stored = useQuery({ queryKey: ['connectionSpec', id], queryFn: () => one<ConnectionSpec>(`/connectionSpecs/${id}`), enabled: id !== '', staleTime: Infinity });
  return (
    <Page title={id ? `Change ${stored.data?.name ?? 'a source'}` : 'Build a source'} back={<Link href="/">← Sources catalog</Link>} about="One connection spec, as code and as a form; what is wrong with it is told while you type.">
      {stored.error ? <Failure error={stored.error} retry={stored.refetch} /> : id && !stored.data ? <Loading /> : <Builder key={id} id={id} start={id ? authored(stored.data) : template} />}
    </Page>
  );
}

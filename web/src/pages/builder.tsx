import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { ApiError, call, flowservice, get, one, post } from '../api';
import { compare, PublishQuestion, type Comparison } from '../builder/publish';
import { template } from '../builder/schema';
import { Workshop } from '../builder/workshop';
import { written } from '../exact';
import { said } from '../parts/confirm';
import { nothingLost, useUnsaved } from '../parts/leaving';
import { Failure, Loading, Page } from '../parts/parts';
import { isStreaming, type ConnectionSpec } from '../specs';

const batchFlowSpec = '6499120c-0b15-42dc-936e-847ea3c24d72';

/** What the server's own members of a stored spec are: not the author's. */
function authored(spec: any): any {
  const { createdAt: _1, updatedAt: _2, createdBy: _3, updatedBy: _4, createdClient: _5, updatedClient: _6, sandboxId: _7, sandboxName: _8, imsOrgId: _9, etag: _10, ...rest } = spec;
  return rest;
}

const attempts = 5;

/** Flows of REST sources may have sources of this spec; others may change that list at the same time. */
async function admit(specId: string): Promise<void> {
  for (let left = attempts; ; --left) {
    const flowSpec = await one(`/flowSpecs/${batchFlowSpec}`, true);
    if (flowSpec.sourceConnectionSpecIds.includes(specId)) return;
    flowSpec.sourceConnectionSpecIds.push(specId);
    try {
      return await call('PUT', `${flowservice}/flowSpecs/${batchFlowSpec}`, { body: flowSpec, etag: flowSpec.etag });
    } catch (error) {
      if (!isStale(error) || left === 1) throw error;
    }
  }
}

interface Stored {
  id: string;
  etag: string;
}

/** Registers the spec, or replaces the one that has this etag, and has the REST flow spec take it. */
async function publish(document: any, id: string, etag: string): Promise<Stored> {
  const answer = id ? await call('PUT', `${flowservice}/connectionSpecs/${id}`, { body: document, etag }) : await post(`${flowservice}/connectionSpecs`, document);
  const stored: Stored = answer.items?.[0] ?? answer;
  if (!isStreaming(document)) await admit(stored.id);
  return stored;
}

const isStale = (error: unknown) => error instanceof ApiError && error.status === 412;

/** Somebody else has stored another version of what is edited here: nothing of either is lost without being asked. */
function Conflict({ theirs, take, keep }: { theirs: any; take(): void; keep(): void }) {
  const [shown, setShown] = useState(false);
  return (
    <div className="failure" role="alert">
      <strong>Somebody else has changed this source since it was opened here.</strong>
      <p>Nothing was published; what you have written is kept.</p>
      <div className="row">
        <Button variant="secondary" aria-expanded={shown} onPress={() => setShown(!shown)}>{shown ? 'Hide theirs' : 'Look at theirs'}</Button>
        <Button variant="secondary" onPress={take}>Take theirs</Button>
        <Button variant="secondary" onPress={keep}>Keep mine</Button>
      </div>
      {shown && <pre tabIndex={0} className="raw" role="region" aria-label="Their version">{written(authored(theirs), 2)}</pre>}
    </div>
  );
}

function Builder({ start, id }: { start: any; id: string }) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [text, setText] = useState(() => written(id ? authored(start) : start, 2));
  const [published, setPublished] = useState(text);
  const [etag, setEtag] = useState<string>(id ? start.etag : '');
  const [theirs, setTheirs] = useState<any>();
  const [asked, setAsked] = useState<{ document: any; comparison: Comparison }>();
  const [busy, setBusy] = useState(false);
  useUnsaved(text === published ? undefined : 'The spec is not published; what you have changed in it will be lost.');
  const store = async (document: any) => {
    const stored = await publish(document, id, etag);
    setEtag(stored.etag);
    setPublished(text);
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'connectionSpec' });
    nothingLost();
    navigate(`/builder/${stored.id}`);
    ToastQueue.positive('Published: it stands in the catalog.', { timeout: 5000 });
  };
  const busily = async (act: () => Promise<void>) => {
    setBusy(true);
    await said(act);
    setBusy(false);
  };
  const save = (document: any) => busily(async () => {
    setAsked(undefined);
    try {
      await store(document);
    } catch (error) {
      if (!isStale(error)) throw error;
      setTheirs(await askSpec(id));
    }
  });
  // A new one has a name of its own; a published one is looked at first: who uses it, and whom the change breaks.
  const begin = (document: any) => busily(async () => {
    if (!id) {
      const taken = await namesake(document);
      if (taken) throw new Error(`There is a source called ${document.name} already: give this one another name.`);
      await store(document);
      return;
    }
    const comparison = await compare(id, document);
    if (comparison.etag !== etag) setTheirs(await askSpec(id));
    else if (comparison.changes.length === 0) ToastQueue.info('It is published as it is: nothing has changed.', { timeout: 5000 });
    else setAsked({ document, comparison });
  });
  const take = () => {
    const their = written(authored(theirs), 2);
    setText(their);
    setPublished(their);
    setEtag(theirs.etag);
    setTheirs(undefined);
  };
  const keep = () => {
    setEtag(theirs.etag);
    setTheirs(undefined);
  };
  return (
    <>
      {theirs && <Conflict theirs={theirs} take={take} keep={keep} />}
      <Workshop text={text} setText={setText} actions={(faulty, document) => <Button variant="accent" isDisabled={faulty || theirs !== undefined} isPending={busy} onPress={() => void begin(document)}>{id ? 'Publish the change' : 'Publish'}</Button>} />
      <PublishQuestion comparison={asked?.comparison} isPending={busy} publish={() => asked && void save(asked.document)} close={() => setAsked(undefined)} />
    </>
  );
}

/** Whether another source has the name: sources of one name cannot be told from each other. */
async function namesake({ name }: any): Promise<boolean> {
  const { items } = await get<{ items: ConnectionSpec[] }>(`${flowservice}/connectionSpecs`);
  return items.some((one) => one.name === name);
}

const askSpec = (id: string) => one<ConnectionSpec>(`/connectionSpecs/${id}`, true);

export default function BuilderPage({ id = '' }: { id?: string }) {
  const stored = useQuery({ queryKey: ['connectionSpec', id], queryFn: () => askSpec(id), enabled: id !== '', staleTime: Infinity, gcTime: 0 });
  return (
    <Page title={id ? `Change ${stored.data?.name ?? 'a source'}` : 'Build a source'} back={<Link href="/">← Sources catalog</Link>} about="One connection spec, as code and as a form; what is wrong with it is told while you type.">
      {stored.error ? <Failure error={stored.error} retry={stored.refetch} /> : id && !stored.data ? <Loading /> : <Builder key={id} id={id} start={id ? stored.data : template} />}
    </Page>
  );
}

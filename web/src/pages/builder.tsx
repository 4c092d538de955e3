import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { isLost, one } from '../api';
import { admit, authored, hasNamesake, isAdmitted, isNamesake, isStale, register } from '../builder/publication';
import { compare, PublishQuestion, type Comparison } from '../builder/publish';
import { template } from '../builder/schema';
import { Workshop } from '../builder/workshop';
import { written } from '../exact';
import { said } from '../parts/confirm';
import { nothingLost, useUnsaved } from '../parts/leaving';
import { Failure, Loading, Page } from '../parts/parts';
import { versionOf, type ConnectionSpec } from '../specs';

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
  // The version of the spec that is stored, as far as it is known here.
  const [known, setKnown] = useState<any>(start);
  const [theirs, setTheirs] = useState<any>();
  const [asked, setAsked] = useState<{ document: any; comparison: Comparison; beside?: string }>();
  const [busy, setBusy] = useState(false);
  useUnsaved(text === published ? undefined : 'The spec is not published; what you have changed in it will be lost.');
  const letFlowsHaveIt = async (specId: string, document: any) => {
    try {
      return await admit(specId, document);
    } catch (error) {
      throw new Error(`It is published, but dataflows cannot use it yet: ${(error as Error).message} Publish it once more to go on with that.`);
    } finally {
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'connectionSpec' });
    }
  };
  // What is stored is known before anything else is done: the next attempt goes on from there.
  const store = async (document: any, replaces: string) => {
    const stored = await register(document, replaces, known.etag);
    setKnown({ ...document, ...stored });
    setPublished(text);
    nothingLost();
    navigate(`/builder/${stored.id}`);
    await letFlowsHaveIt(stored.id, document);
    ToastQueue.positive('Published: it stands in the catalog.', { timeout: 5000 });
  };
  const busily = async (act: () => Promise<void>) => {
    setBusy(true);
    await said(act);
    setBusy(false);
  };
  const save = ({ document, beside }: { document: any; beside?: string }) => busily(async () => {
    setAsked(undefined);
    const { id: _, ...unnumbered } = document;
    try {
      await (beside ? store(unnumbered, '') : store(document, id));
    } catch (error) {
      if (!isStale(error)) throw error;
      setTheirs(await askSpec(id));
    }
  });
  const refuseNamesake = async (document: any) => {
    if (await hasNamesake(document, id)) throw new Error(`There is a source called ${document.name} already, of version ${versionOf(document)}: give this one another name, or another version.`);
  };
  // A published one is looked at first: who uses it, and whom the change breaks. Another version of it is a spec of its own, whose
  // dataflows are yet to come.
  const begin = (document: any) => busily(async () => {
    if (!id || !isNamesake(document, known)) await refuseNamesake(document);
    if (!id) return store(document, '');
    const comparison = await compare(id, document);
    if (comparison.etag !== known.etag) setTheirs(await askSpec(id));
    else if (comparison.changes.length > 0) setAsked({ document, comparison, ...(versionOf(document) !== versionOf(known) && { beside: versionOf(known) }) });
    else if (!(await isAdmitted(id)) && (await letFlowsHaveIt(id, document))) ToastQueue.positive('Published: dataflows can use it now.', { timeout: 5000 });
    else ToastQueue.info('It is published as it is: nothing has changed.', { timeout: 5000 });
  });
  const take = () => {
    const their = written(authored(theirs), 2);
    setText(their);
    setPublished(their);
    keep();
  };
  const keep = () => {
    setKnown(theirs);
    setTheirs(undefined);
  };
  return (
    <>
      {theirs && <Conflict theirs={theirs} take={take} keep={keep} />}
      <Workshop text={text} setText={setText} actions={(faulty, document) => <Button variant="accent" isDisabled={faulty || theirs !== undefined} isPending={busy} onPress={() => void begin(document)}>{id ? 'Publish the change' : 'Publish'}</Button>} />
      <PublishQuestion comparison={asked?.comparison} version={versionOf(asked?.document ?? {})} beside={asked?.beside} isPending={busy} publish={() => asked && void save(asked)} close={() => setAsked(undefined)} />
    </>
  );
}

const askSpec = (id: string) => one<ConnectionSpec>(`/connectionSpecs/${id}`, true);

export default function BuilderPage({ id = '' }: { id?: string }) {
  const stored = useQuery({ queryKey: ['connectionSpec', id], queryFn: () => askSpec(id), enabled: id !== '', staleTime: Infinity, gcTime: 0 });
  return (
    <Page title={id ? `Change ${stored.data?.name ?? 'a source'}` : 'Build a source'} back={<Link href="/">← Sources catalog</Link>} about="One connection spec, as code and as a form; what is wrong with it is told while you type.">
      {isLost(stored) ? <Failure error={stored.error} retry={stored.refetch} /> : id && !stored.data ? <Loading /> : <Builder key={id} id={id} start={id ? stored.data : template} />}
    </Page>
  );
}

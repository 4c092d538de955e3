import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { call, flowservice, one, post } from '../api';
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

/** Registers the spec, or replaces it, and has the REST flow spec take it. */
async function publish(document: any, id: string): Promise<string> {
  const stored = id ? await call('PUT', `${flowservice}/connectionSpecs/${id}`, { body: document }) : await post(`${flowservice}/connectionSpecs`, document);
  const specId = id || (stored.id ?? stored.items?.[0]?.id);
  const flowSpec = await one(`/flowSpecs/${batchFlowSpec}`, true);
  if (!isStreaming(document) && !flowSpec.sourceConnectionSpecIds.includes(specId)) {
    flowSpec.sourceConnectionSpecIds.push(specId);
    await call('PUT', `${flowservice}/flowSpecs/${batchFlowSpec}`, { body: flowSpec });
  }
  return specId;
}

function Builder({ start, id }: { start: any; id: string }) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [text, setText] = useState(() => written(start, 2));
  const [published, setPublished] = useState(text);
  useUnsaved(text === published ? undefined : 'The spec is not published; what you have changed in it will be lost.');
  const save = (document: any) => said(async () => {
    const stored = await publish(document, id);
    await queries.invalidateQueries();
    setPublished(text);
    nothingLost();
    navigate(`/builder/${stored}`);
  }, 'Published: it stands in the catalog.');
  return <Workshop text={text} setText={setText} actions={(faulty, document) => <Button variant="accent" isDisabled={faulty} onPress={() => void save(document)}>{id ? 'Publish the change' : 'Publish'}</Button>} />;
}

export default function BuilderPage({ id = '' }: { id?: string }) {
  const stored = useQuery({ queryKey: ['connectionSpec', id], queryFn: () => one<ConnectionSpec>(`/connectionSpecs/${id}`, true), enabled: id !== '', staleTime: Infinity });
  return (
    <Page title={id ? `Change ${stored.data?.name ?? 'a source'}` : 'Build a source'} back={<Link href="/">← Sources catalog</Link>} about="One connection spec, as code and as a form; what is wrong with it is told while you type.">
      {stored.error ? <Failure error={stored.error} retry={stored.refetch} /> : id && !stored.data ? <Loading /> : <Builder key={id} id={id} start={id ? authored(stored.data) : template} />}
    </Page>
  );
}

// A stream's inlet: where events are posted, what came, how one is sent, and who may.
import { useState } from 'react';
import { Item, TabList, TabPanels, Tabs } from '@adobe/react-spectrum/Tabs';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { call, get } from '../api';
import { written } from '../exact';
import { ago, exactTime, number } from '../format';
import { Act, Confirmed, said } from '../parts/confirm';
import { Copied, Facts, Panel } from '../parts/parts';
import { curlOf, exampleOf, hmacOf, rememberedSample } from './sample';

function Example({ label, text }: { label: string; text: string }) {
  return <div className="stack example"><div className="row between"><h3>{label}</h3><Copied text={text} label={`Copy: ${label}`} /></div><pre tabIndex={0} aria-label={label}>{text}</pre></div>;
}

/** Makes the secret that signatures are checked with, shows it once, and turns the check on. */
function Signing({ path, authentication }: { path: string; authentication: string }) {
  const queries = useQueryClient();
  const [secret, setSecret] = useState('');
  const again = () => queries.invalidateQueries({ queryKey: ['inlet', path] });
  const make = async () => {
    setSecret((await call('POST', `${path}/action?op=rotate`)).secret);
    await again();
  };
  const require = (value: string, done: string) => said(async () => {
    await call('PATCH', path, { etag: (await inletOf(path)).etag, body: [{ op: 'add', path: '/authentication', value }] });
    await again();
  }, done);
  const signed = authentication === 'hmac';
  return (
    <div className="stack example">
      <p>{signed ? 'Events without a right signature are refused.' : 'Nothing checks signatures yet: make a secret, give it to the sender, then require them.'} A secret that the server makes is shown here once and never again; the example reads it from <code>secret.txt</code>.</p>
      {secret && (
        <div className="row" role="status">
          <code className="address" aria-label="The secret">{secret}</code><Copied text={secret} label="Copy the secret" />
        </div>
      )}
      <div className="row">
        {signed
          ? <Confirmed label="Make another secret" title="Make another secret?" confirm="Make it" act={make}>The one in use is accepted for a day more. Senders need the new one until then.</Confirmed>
          : <Act variant="secondary" act={() => said(make)}>Make a secret</Act>}
        {signed
          ? <Act variant="secondary" act={() => require('none', 'Whoever has the address may send.')}>Require no signatures</Act>
          : <Act variant="secondary" isDisabled={!secret} act={() => require('hmac', 'Senders must sign from now on.')}>Require signatures</Act>}
      </div>
    </div>
  );
}

async function inletOf(path: string): Promise<any> {
  const answer = await get(path);
  return answer?.items?.[0] ?? answer;
}

const sumOf = (counts: any): number => Object.values<any>(counts ?? {}).reduce((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
const senders: Record<string, string> = { hmac: 'must sign', bearer: 'need a token' };

export function Inlet({ flow }: { flow: any }) {
  const url = flow.options.inletUrl as string;
  const path = `/data/core/edge/inlets/${url.split('/').pop()}`;
  const inlet = useQuery({ queryKey: ['inlet', path], queryFn: () => inletOf(path) });
  const counters = useQuery({ queryKey: ['counters', url], queryFn: () => get(`${path}/counters`), refetchInterval: 2000 });
  const authentication = inlet.data?.authentication ?? 'none';
  const remembered = rememberedSample(flow.id);
  const example = useQuery({ queryKey: ['example', flow.id, written([flow.transformations ?? null])], enabled: remembered === undefined, queryFn: () => exampleOf(flow), staleTime: 60_000 });
  const sample = remembered ?? example.data ?? '{}';
  const own = counters.data?.flows?.[flow.id] ?? {};
  const { accepted, lastReceivedAt, rejected } = counters.data ?? {};
  return (
    <Panel title="Inlet" about="Post events here; an event is answered when it is safe on disk, and stands in the dataset within seconds. Numbers are counted since the start of the server.">
      <div className="row"><code className="address">{url}</code><Copied text={url} label="Copy the inlet’s address" /></div>
      <Facts facts={[
        ['Senders', senders[authentication] ?? 'whoever has the address'],
        ['Taken', number(accepted)],
        ['In the dataset', number(own.written ?? (counters.data ? 0 : undefined))],
        ['Refused or quarantined', counters.data ? number(sumOf(rejected)) : '–'],
        ['Last event', <time key="t" title={exactTime(lastReceivedAt)}>{counters.data ? ago(lastReceivedAt) : '–'}</time>],
      ]} />
      <Tabs aria-label="Examples" isQuiet>
        <TabList><Item key="curl">curl</Item><Item key="hmac">Signed (HMAC)</Item></TabList>
        <TabPanels>
          <Item key="curl"><Example label="Post an event with curl" text={curlOf(url, sample)} /></Item>
          <Item key="hmac"><Signing path={path} authentication={authentication} /><Example label="Post a signed event" text={hmacOf(url, sample)} /></Item>
        </TabPanels>
      </Tabs>
    </Panel>
  );
}

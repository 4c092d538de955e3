// Whom the organisation tells of its runs (docs/webhooks.md).
import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Checkbox } from '@adobe/react-spectrum/Checkbox';
import { CheckboxGroup } from '@adobe/react-spectrum/CheckboxGroup';
import { TextField } from '@adobe/react-spectrum/TextField';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { call, flowservice, get, isLost, post } from '../api';
import { ago, exactTime, number } from '../format';
import { Confirmed } from '../parts/confirm';
import { Empty, Failure, Loading, Panel, State, Table } from '../parts/parts';

interface Delivery {
  time: number;
  type: string;
  status: 'delivered' | 'retrying' | 'failed';
  attempts: number;
  httpStatus?: number;
  error?: string;
  nextAttempt?: number;
}

interface Webhook {
  id: string;
  etag: string;
  name?: string;
  url: string;
  events: string[];
  enabled: boolean;
  signed: boolean;
  pending: number;
  lastDelivery?: Delivery;
}

const path = `${flowservice}/webhooks`;
const kinds = [['run.failed', 'Failed runs'], ['run.late', 'Late runs'], ['run.recovered', 'Recovered runs']] as const;
const kindNames = new Map<string, string>(kinds);
const titleOf = (webhook: Webhook) => webhook.name || webhook.url.replace(/^https?:\/\//, '');
const secretLeast = 16;

function Last({ webhook: { lastDelivery: last, pending } }: { webhook: Webhook }) {
  if (!last) return <span className="quiet">{pending ? `${number(pending)} on the way` : 'nothing yet'}</span>;
  return (
    <span className="stack told">
      <span><State state={last.status} />{' '}<time className="quiet" title={exactTime(last.time)}>{kindNames.get(last.type) ?? 'Test'}, {ago(last.time)}</time></span>
      {last.error && <span className="quiet">{last.error}{last.nextAttempt ? ` Next attempt ${ago(last.nextAttempt)}.` : ''}</span>}
      {pending > 0 && <span className="quiet">{number(pending)} {pending === 1 ? 'waits' : 'wait'}.</span>}
    </span>
  );
}

/** What a webhook is told and where; also of a new one. */
function Settings({ webhook, done }: { webhook?: Webhook; done(): void }) {
  const queries = useQueryClient();
  const [etag] = useState(webhook?.etag); // of what is shown: who saved meanwhile is not written over
  const [name, setName] = useState(webhook?.name ?? '');
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [events, setEvents] = useState<string[]>(webhook?.events ?? kinds.map(([kind]) => kind));
  const [enabled, setEnabled] = useState(webhook?.enabled ?? true);
  const [secret, setSecret] = useState('');
  const [unsigned, setUnsigned] = useState(false);
  const [check, setCheck] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const short = secret !== '' && new TextEncoder().encode(secret).length < secretLeast;
  const submit = async () => {
    setCheck(true);
    setError(undefined);
    if (!url.trim() || events.length === 0 || short) return;
    const body = { url: url.trim(), events, enabled, ...(name.trim() && { name: name.trim() }), ...(unsigned ? { secret: null } : secret ? { secret } : {}) };
    setBusy(true);
    try {
      if (webhook) await call('PUT', `${path}/${webhook.id}`, { body, etag });
      else await post(path, body);
      await queries.invalidateQueries({ queryKey: ['webhooks'] });
      done();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="stack narrow" aria-label={webhook ? `Webhook ${titleOf(webhook)}` : 'New webhook'} onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <TextField label="Address" autoFocus type="url" value={url} onChange={setUrl} isRequired width="100%" description="It is called with POST and JSON: https://…" validationState={check && !url.trim() ? 'invalid' : undefined} errorMessage="The address that is told, such as https://hooks.example.com/runs." />
      <TextField label="Name" value={name} onChange={setName} width="100%" />
      <CheckboxGroup label="What it is told of" isRequired value={events} onChange={setEvents} isInvalid={check && events.length === 0} errorMessage="Choose at least one.">
        {kinds.map(([kind, text]) => <Checkbox key={kind} value={kind}>{text}</Checkbox>)}
      </CheckboxGroup>
      <TextField label={webhook?.signed ? 'New secret' : 'Secret'} type="password" autoComplete="new-password" value={secret} onChange={setSecret} width="100%" isDisabled={unsigned}
        description={webhook?.signed ? 'Leave it empty to keep the one that is set.' : 'Deliveries are signed with it. It is encrypted and never shown again.'}
        validationState={check && short ? 'invalid' : undefined} errorMessage="A secret has at least 16 bytes." />
      {webhook?.signed && <Checkbox isSelected={unsigned} onChange={setUnsigned}>Deliver without a signature from now on</Checkbox>}
      <Checkbox isSelected={enabled} onChange={setEnabled}>Switched on</Checkbox>
      {error !== undefined && <Failure error={error} />}
      <div className="row">
        <Button variant="accent" type="submit" isPending={busy}>{webhook ? 'Save webhook' : 'Add webhook'}</Button>
        <Button variant="secondary" onPress={done}>Cancel</Button>
      </div>
    </form>
  );
}

export function Webhooks() {
  const queries = useQueryClient();
  const [open, setOpen] = useState<string>();
  const [testing, setTesting] = useState('');
  const [outcome, setOutcome] = useState('');
  const webhooks = useQuery({ queryKey: ['webhooks'], queryFn: async () => (await get<{ items: Webhook[] }>(path)).items, refetchInterval: 5000 });
  const test = async (webhook: Webhook) => {
    setTesting(webhook.id);
    setOutcome('');
    try {
      const last = await call<Delivery>('POST', `${path}/${webhook.id}/test`);
      setOutcome(`${titleOf(webhook)}: ${last.status === 'delivered' ? `the test was delivered; the receiver answered ${last.httpStatus}.` : last.error}`);
    } catch (refused) {
      setOutcome((refused as Error).message);
    }
    setTesting('');
    await queries.invalidateQueries({ queryKey: ['webhooks'] });
  };
  const all = webhooks.data;
  const edited = all?.find(({ id }) => id === open);
  const editing = open === '' || edited !== undefined; // not of one that was deleted elsewhere
  return (
    <Panel title="Webhooks" about="Addresses that are told when a run of any sandbox of the organisation fails, is late, or has recovered."
      actions={!editing && all && all.length > 0 && <Button variant="secondary" onPress={() => setOpen('')}>Add a webhook</Button>}>
      {editing && <Settings key={open} webhook={edited} done={() => setOpen(undefined)} />}
      {isLost(webhooks) ? <Failure error={webhooks.error} retry={webhooks.refetch} /> : !all ? <Loading what="Loading webhooks" /> : all.length === 0 ? (
        !editing && <Empty title="Nobody is told" action={<Button variant="secondary" onPress={() => setOpen('')}>Add a webhook</Button>}>A webhook posts JSON to an address of yours: a pager, a chat, a workflow.</Empty>
      ) : (
        <Table label="All webhooks" rows={all} keyOf={({ id }) => id} columns={[
          { name: 'Name', of: (webhook) => <strong>{titleOf(webhook)}</strong> },
          { name: 'Address', of: ({ url }) => <code className="wraps">{url}</code> },
          { name: 'Told of', of: ({ events }) => events.map((kind) => kindNames.get(kind) ?? kind).join(', ') },
          { name: 'Signed', of: ({ signed }) => (signed ? 'yes' : 'no') },
          { name: 'State', of: ({ enabled }) => <State state={enabled ? 'enabled' : 'disabled'} /> },
          { name: 'Last delivery', of: (webhook) => <Last webhook={webhook} /> },
          { name: 'Actions', of: (webhook) => (
            <span className="actions">
              <Button variant="secondary" aria-label={`Send a test to ${titleOf(webhook)}`} isPending={testing === webhook.id} onPress={() => void test(webhook)}>Send a test</Button>
              <Button variant="secondary" aria-label={`Edit ${titleOf(webhook)}`} onPress={() => setOpen(webhook.id)}>Edit</Button>
              <Confirmed label="Delete" title={`Delete ${titleOf(webhook)}?`} confirm="Delete" act={async () => {
                await call('DELETE', `${path}/${webhook.id}`);
                if (open === webhook.id) setOpen(undefined);
                await queries.invalidateQueries({ queryKey: ['webhooks'] });
              }}>Nobody is told there any more. What waits for it is left.</Confirmed>
            </span>
          ) },
        ]} />
      )}
      <p className="quiet" role="status">{outcome}</p>
    </Panel>
  );
}

// Who may call the API: clients, browsers that are signed in, and access tokens made here.
import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { call, get, isLost, post } from '../api';
import { ago, exactTime, plural, time } from '../format';
import { Act, Confirmed, said } from '../parts/confirm';
import { Copied, Failure, Loading, Panel, Table } from '../parts/parts';
import { useSession } from '../session';

interface Client {
  clientId: string;
  technicalAccount: string;
  createdAt: number;
  tokensRevokedAt?: number;
}

interface OpenSession {
  id: string;
  beganAt: number;
  expiresAt: number;
  own: boolean;
  imsOrgId?: string;
}

interface Token {
  access_token: string;
  expires_in: number;
  client_id: string;
  ims_org_id: string;
  sandbox_name: string;
}

const lifetimes = [['900', '15 minutes'], ['3600', '1 hour'], ['28800', '8 hours'], ['86400', '24 hours']] as const;
const headersOf = (token: Token) => `Authorization: Bearer ${token.access_token}
x-api-key: ${token.client_id}
x-gw-ims-org-id: ${token.ims_org_id}
x-sandbox-name: ${token.sandbox_name}`;

/** A token is shown once: it is in this page alone, and gone with it. */
function NewToken() {
  const [lifetime, setLifetime] = useState('3600');
  const [token, setToken] = useState<Token>();
  const [until, setUntil] = useState(0);
  const make = () => said(async () => {
    const made = await post<Token>('/session/token', { lifetimeSeconds: Number(lifetime) });
    setUntil(Date.now() + made.expires_in * 1000);
    setToken(made);
  });
  return (
    <div className="stack">
      <div className="row">
        <Picker label="An access token for" selectedKey={lifetime} onSelectionChange={(key) => setLifetime(String(key))} items={lifetimes.map(([id, name]) => ({ id, name }))}>
          {(one) => <Item key={one.id}>{one.name}</Item>}
        </Picker>
        <Act variant="secondary" act={make}>Make a token</Act>
      </div>
      {token && (
        <div className="stack example" role="group" aria-label="Access token">
          <div className="row between">
            <p role="status">Shown only now, good until {time(until)}, or until the tokens of its client are revoked.</p>
            <div className="actions">
              <Copied text={token.access_token} label="Copy the token" />
              <Button variant="secondary" onPress={() => setToken(undefined)}>Hide</Button>
            </div>
          </div>
          <pre tabIndex={0} aria-label="Headers of a request with the token" className="breaks">{headersOf(token)}</pre>
        </div>
      )}
    </div>
  );
}

export function Access() {
  const queries = useQueryClient();
  const { session } = useSession();
  const names = new Map((session.organisations ?? []).map(({ id, name }) => [id, name]));
  const access = useQuery({ queryKey: ['access'], queryFn: () => get<{ clients: Client[]; sessions: OpenSession[] }>('/session/access'), refetchInterval: 10_000 });
  const end = async (path: string) => {
    await call('DELETE', path);
    await queries.invalidateQueries({ queryKey: ['access'] });
  };
  const others = (access.data?.sessions ?? []).filter(({ own }) => !own).length;
  return (
    <Panel title="Access" about="Who may call the API for this organisation, and the browsers that are signed in.">
      {isLost(access) ? <Failure error={access.error} retry={access.refetch} /> : !access.data ? <Loading what="Loading who may call" /> : (
        <>
          <h3>Clients</h3>
          <Table label="Clients" rows={access.data.clients} keyOf={({ clientId }) => clientId} columns={[
            { name: 'Client id', of: ({ clientId }) => <code className="wraps">{clientId}</code> },
            { name: 'Technical account', of: ({ technicalAccount }) => <code className="wraps">{technicalAccount}</code> },
            { name: 'Created', of: ({ createdAt }) => <time title={exactTime(createdAt)}>{time(createdAt)}</time> },
            { name: 'Tokens revoked', of: ({ tokensRevokedAt }) => (tokensRevokedAt ? <time title={exactTime(tokensRevokedAt)}>{ago(tokensRevokedAt)}</time> : 'never') },
            { name: 'Actions', of: ({ clientId }) => (
              <Confirmed label="Revoke tokens" title="Revoke all tokens of this client?" confirm="Revoke them" act={() => end(`/session/clients/${encodeURIComponent(clientId)}/tokens`)}>
                Every access token that <code className="wraps">{clientId}</code> has so far is refused, on other servers within five seconds. Its secret gets new ones; browsers stay signed in.
              </Confirmed>
            ) },
          ]} />
          <NewToken />
          <div className="row between">
            <h3>Browsers that are signed in</h3>
            {others > 0 && (
              <Confirmed label="End all others" title={`End ${plural(others, 'other session')}?`} confirm="End them" act={() => end('/session/others')}>
                Those browsers are signed out at once. Whoever should go on needs a new link: <code>headwater login</code>.
              </Confirmed>
            )}
          </div>
          <Table label="Sessions" rows={access.data.sessions} keyOf={({ id }) => id} columns={[
            { name: 'Began', of: ({ beganAt, own }) => <><time title={exactTime(beganAt)}>{ago(beganAt)}</time>{own && <span className="badge">this browser</span>}</> },
            { name: 'Ends', of: ({ expiresAt }) => <time title={exactTime(expiresAt)}>{time(expiresAt)}</time> },
            { name: 'May act for', of: ({ imsOrgId }) => (imsOrgId ? (names.get(imsOrgId) ?? imsOrgId) : 'every organisation') },
            { name: 'Actions', of: ({ id, own, beganAt }) => (own ? '' : <span className="actions"><Act variant="secondary" aria-label={`End the session that began ${exactTime(beganAt)}`} act={() => said(() => end(`/session/others/${id}`), 'That browser is signed out.')}>End</Act></span>) },
          ]} />
        </>
      )}
    </Panel>
  );
}

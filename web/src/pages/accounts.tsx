import { useMemo, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { SearchField } from '@adobe/react-spectrum/SearchField';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { testAccount } from '../accounts';
import { call, flowservice, list } from '../api';
import { ago, exactTime, number } from '../format';
import { countText, useList } from '../lists';
import { Confirmed, said } from '../parts/confirm';
import { Empty, Failure, Loading, Page, State, Table } from '../parts/parts';
import { EditAccount } from '../set-up/edit-account';
import { isStreaming, labelOf, useSpecs } from '../specs';

const sourcesMost = 20_000;

export default function Accounts() {
  const queries = useQueryClient();
  const specs = useSpecs();
  const [search, setSearch] = useState('');
  const sought = search.toLowerCase().trim();
  const accounts = useList('accounts', '/connections?orderby=-updatedAt', sought !== '');
  const sources = useQuery({ queryKey: ['sourceConnections'], queryFn: () => list('/sourceConnections?property=baseConnectionId', sourcesMost) });
  const [testing, setTesting] = useState('');
  const specOf = (account: any) => specs.data?.find(({ id }) => id === account.connectionSpec?.id);
  const uses = useMemo(() => {
    const found = new Map<string, number>();
    for (const { baseConnectionId: id } of sources.data ?? []) found.set(id, (found.get(id) ?? 0) + 1);
    return found;
  }, [sources.data]);
  const usesOf = (account: any) => uses.get(account.id) ?? 0;
  // Of very many sources not all have been counted.
  const usesText = (count: number) => `${number(count)}${sources.data!.length < sourcesMost ? '' : ' or more'} ${count === 1 ? 'source' : 'sources'}`;
  const all = accounts.items;
  const shown = all.filter((account) => `${account.name} ${specOf(account)?.name ?? ''}`.toLowerCase().includes(sought));
  const test = async (account: any) => {
    setTesting(account.id);
    await said(() => testAccount(account.id), `${account.name}: the source accepts it.`);
    setTesting('');
  };
  return (
    <Page title="Accounts" about="How Headwater signs in at your sources. Credentials are encrypted and never shown.">
      {accounts.error ? <Failure error={accounts.error} retry={accounts.refetch} /> : !accounts.loaded ? <Loading what="Loading accounts" /> : all.length === 0 ? (
        <Empty title="No accounts yet" action={<Link href="/">Go to the sources catalog</Link>}>An account is made while a source is set up.</Empty>
      ) : (
        <>
          <div className="filters">
            <SearchField label="Search" value={search} onChange={setSearch} width="100%" maxWidth="size-4600" />
            <p className="count" role="status">{countText(shown.length, accounts, 'accounts')}</p>
          </div>
          <Table label="Accounts" what="accounts" rows={shown} total={sought ? undefined : accounts.total} more={accounts} keyOf={(account) => account.id} columns={[
            { name: 'Name', of: (account) => <strong>{account.name}</strong> },
            { name: 'Source', of: (account) => { const spec = specOf(account); return spec ? <Link href={`/sources/${spec.id}`}>{labelOf(spec)}</Link> : '–'; } },
            { name: 'Signs in with', of: (account) => account.auth?.specName ?? 'nothing' },
            { name: 'State', of: (account) => <State state={account.state} /> },
            { name: 'Used by', of: (account) => (sources.data ? usesText(usesOf(account)) : '–') },
            { name: 'Changed', of: (account) => <time title={exactTime(account.updatedAt)}>{ago(account.updatedAt)}</time> },
            { name: 'Actions', of: (account) => (
              <span className="actions">
                {specOf(account) && !isStreaming(specOf(account)!) && <Button variant="secondary" aria-label={`Test ${account.name}`} isPending={testing === account.id} onPress={() => void test(account)}>Test</Button>}
                <EditAccount account={account} spec={specOf(account)} />
                <Confirmed label="Delete" title={`Delete ${account.name}?`} confirm="Delete" isDisabled={usesOf(account) > 0} act={async () => {
                  await call('DELETE', `${flowservice}/connections/${account.id}`);
                  await queries.invalidateQueries({ queryKey: ['accounts'] });
                }}>Its credentials are removed. Nothing uses it.</Confirmed>
              </span>
            ) },
          ]} />
        </>
      )}
    </Page>
  );
}

import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { Radio, RadioGroup } from '@adobe/react-spectrum/RadioGroup';
import { TextField } from '@adobe/react-spectrum/TextField';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { testAccount } from '../accounts';
import { ApiError, flowservice, list, post } from '../api';
import { isComplete, SchemaForm } from '../forms/schema-form';
import { Failure, Loading } from '../parts/parts';
import { isStreaming, labelOf, type ConnectionSpec } from '../specs';
import { removed } from './making';

/** Stores the account and asks the source whether it accepts it; one that it does not accept is not kept. */
export async function createAccount(spec: ConnectionSpec, name: string, method: string, params: any): Promise<string> {
  const { id } = await post(`${flowservice}/connections`, { name, auth: { specName: method, params }, connectionSpec: { id: spec.id, version: '1.0' } });
  if (isStreaming(spec)) return id;
  try {
    await testAccount(id);
  } catch (error) {
    const left = await removed([{ what: 'account', name, path: `${flowservice}/connections/${id}` }]);
    if (left.size === 0) throw error;
    throw new ApiError(error instanceof ApiError ? error.status : 400, `${(error as Error).message} The account ${name} is stored all the same: it could not be removed. You find it under Accounts.`);
  }
  return id;
}

/** The first name of its kind that no account of the source has. */
function freeName(spec: ConnectionSpec, taken: string[]): string {
  const plain = `My ${labelOf(spec)} account`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain} ${number}`;
    if (!taken.includes(name)) return name;
  }
}

export function NewAccount({ spec, taken, onCreated }: { spec: ConnectionSpec; taken: string[]; onCreated(id: string): void }) {
  const methods = spec.authSpec ?? [];
  const [method, setMethod] = useState(methods[0]?.name ?? '');
  const [name, setName] = useState(() => freeName(spec, taken));
  const [params, setParams] = useState<any>(isStreaming(spec) ? { dataType: 'raw' } : {});
  const [check, setCheck] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const chosen = methods.find((one) => one.name === method);
  const submit = async () => {
    setCheck(true);
    setError(undefined);
    if (!name.trim() || !isComplete(chosen?.spec, params)) return;
    setBusy(true);
    try {
      onCreated(await createAccount(spec, name.trim(), method, params));
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack narrow">
      <TextField label="Name of the account" value={name} onChange={setName} isRequired width="100%" validationState={check && !name.trim() ? 'invalid' : undefined} errorMessage="Give the account a name." />
      {methods.length > 1 && (
        <Picker label="How to sign in at the source" items={methods} selectedKey={method} width="100%" onSelectionChange={(key) => {
          setMethod(String(key));
          setParams({});
          setCheck(false);
        }}>
          {(one) => <Item key={one.name}>{one.name}</Item>}
        </Picker>
      )}
      {chosen && <SchemaForm key={method} schema={chosen.spec} value={params} onChange={setParams} check={check} />}
      {error !== undefined && <Failure error={error} />}
      <div className="row">
        <Button variant="accent" onPress={() => void submit()} isPending={busy}>{isStreaming(spec) ? 'Save account' : 'Save and test'}</Button>
        <span className="quiet">Credentials are encrypted and never shown again.</span>
      </div>
    </div>
  );
}

export function AccountStep({ spec, account, choose, next }: { spec: ConnectionSpec; account: string; choose(id: string): void; next(): void }) {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: ['accounts', spec.id], queryFn: () => list(`/connections?property=connectionSpec.id==${spec.id}`) });
  const [kind, setKind] = useState<string>();
  if (error && !data) return <Failure error={error} retry={refetch} />;
  if (!data) return <Loading what="Loading accounts" />;
  // It stays what it was: an account that somebody makes meanwhile takes nothing from whoever writes a new one.
  if (kind === undefined) setKind(data.length ? 'existing' : 'new');
  const shown = kind;
  return (
    <div className="stack">
      {data.length > 0 && (
        <RadioGroup label="Account" orientation="horizontal" value={shown} onChange={setKind}>
          <Radio value="existing">One that is there</Radio>
          <Radio value="new">A new one</Radio>
        </RadioGroup>
      )}
      {shown === 'existing' ? (
        <div className="row">
          <Picker label="Existing account" items={data} selectedKey={account || null} onSelectionChange={(key) => choose(String(key ?? ''))} width="size-4600" maxWidth="100%">
            {(one: any) => <Item key={one.id}>{one.name}</Item>}
          </Picker>
          <Button variant="accent" isDisabled={!account} onPress={next}>Next</Button>
        </div>
      ) : (
        <NewAccount spec={spec} taken={data.map(({ name }: any) => name)} onCreated={(id) => {
          choose(id);
          void queries.invalidateQueries({ queryKey: ['accounts'] });
          next();
        }} />
      )}
    </div>
  );
}

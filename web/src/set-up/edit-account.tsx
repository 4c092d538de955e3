// An account is changed: its name, and credentials that are others by now. Those that are stored are never shown.
import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { ButtonGroup } from '@adobe/react-spectrum/ButtonGroup';
import { Content } from '@adobe/react-spectrum/Content';
import { Dialog } from '@adobe/react-spectrum/Dialog';
import { DialogContainer } from '@adobe/react-spectrum/DialogContainer';
import { Divider } from '@adobe/react-spectrum/Divider';
import { Heading } from '@adobe/react-spectrum/Heading';
import { TextField } from '@adobe/react-spectrum/TextField';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import { useQueryClient } from '@tanstack/react-query';
import { testAccount } from '../accounts';
import { call, flowservice } from '../api';
import { isComplete, SchemaForm } from '../forms/schema-form';
import { Failure } from '../parts/parts';
import { isStreaming, signInCalled, type ConnectionSpec } from '../specs';
import { kept, openParams, schemaToChange } from './kept-secrets';

function Changes({ account, spec, close }: { account: any; spec?: ConnectionSpec; close(): void }) {
  const queries = useQueryClient();
  const stored = account.auth?.params ?? {};
  const own = (account.auth?.specName || account.auth?.params) && signInCalled(spec?.authSpec, account.auth.specName)?.spec;
  const [schema] = useState(() => own && schemaToChange(own, stored));
  const [etag] = useState(account.etag); // of what is shown: who saved meanwhile is not written over
  const [name, setName] = useState<string>(account.name ?? '');
  const [params, setParams] = useState<any>(() => openParams(stored));
  const [check, setCheck] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async () => {
    setCheck(true);
    setError(undefined);
    if (!name.trim() || (schema && !isComplete(schema, params))) return;
    setBusy(true);
    try {
      const changes = [{ op: 'replace', path: '/name', value: name.trim() }, ...(schema ? [{ op: 'replace', path: '/auth/params', value: kept(params, stored) }] : [])];
      await call('PATCH', `${flowservice}/connections/${account.id}`, { body: changes, etag });
      await queries.invalidateQueries({ queryKey: ['accounts'] });
      close();
      if (!spec || isStreaming(spec)) ToastQueue.positive('Saved.', { timeout: 5000 });
      else await testAccount(account.id).then(() => ToastQueue.positive(`Saved: the source accepts ${name.trim()}.`, { timeout: 5000 }), (refused) => ToastQueue.negative(`Saved, but: ${(refused as Error).message}`, { timeout: 12_000 }));
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Dialog size="M">
      <Heading>Change {account.name}</Heading>
      <Divider />
      <Content>
        <div className="stack">
          <TextField label="Name of the account" value={name} onChange={setName} isRequired width="100%" validationState={check && !name.trim() ? 'invalid' : undefined} errorMessage="Give the account a name." />
          {schema && <SchemaForm schema={schema} value={params} onChange={setParams} check={check} />}
          {error !== undefined && <Failure error={error} />}
        </div>
      </Content>
      <ButtonGroup>
        <Button variant="secondary" onPress={close}>Cancel</Button>
        <Button variant="accent" isPending={busy} onPress={() => void save()}>Save</Button>
      </ButtonGroup>
    </Dialog>
  );
}

export function EditAccount({ account, spec }: { account: any; spec?: ConnectionSpec }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button variant="secondary" aria-label={`Edit ${account.name}`} onPress={() => setOpen(true)}>Edit</Button>
      <DialogContainer onDismiss={close}>{open && <Changes account={account} spec={spec} close={close} />}</DialogContainer>
    </>
  );
}

// Before a published spec is replaced: what changes, and which dataflows that breaks.
import { Button } from '@adobe/react-spectrum/Button';
import { ButtonGroup } from '@adobe/react-spectrum/ButtonGroup';
import { Content } from '@adobe/react-spectrum/Content';
import { Dialog } from '@adobe/react-spectrum/Dialog';
import { DialogContainer } from '@adobe/react-spectrum/DialogContainer';
import { Divider } from '@adobe/react-spectrum/Divider';
import { Heading } from '@adobe/react-spectrum/Heading';
import { call } from '../api';
import { written } from '../exact';

export interface Comparison {
  etag: string;
  changes: { kind: 'added' | 'removed' | 'changed'; pointer: string; before?: unknown; after?: unknown }[];
  breaking: { pointer: string; message: string }[];
  alters: { pointer: string; message: string }[];
  flows: { id: string; name: string; sandbox: string; effect: 'breaks' | 'alters' | 'keeps' }[];
}

export const compare = (id: string, connectionSpec: unknown) => call<Comparison>('POST', '/headwater/drafts/compare', { body: { id, connectionSpec }, exact: true });

const shownAtMost = 400;
const shown = (value: unknown) => {
  const text = written(value);
  return text.length > shownAtMost ? `${text.slice(0, shownAtMost)}…` : text;
};

const effects = { breaks: ['negative', 'breaks'], alters: ['notice', 'fetches otherwise'], keeps: ['positive', 'stays as it is'] } as const;

function Flows({ flows }: { flows: Comparison['flows'] }) {
  if (!flows.length) return <p>No dataflow of this organisation uses it.</p>;
  return (
    <ul className="effects">
      {flows.map(({ id, name, sandbox, effect }) => {
        const [tone, word] = effects[effect];
        return <li key={id}><span className={`state ${tone}`}>{word}</span> <strong>{name}</strong> <span className="quiet">in {sandbox}</span></li>;
      })}
    </ul>
  );
}

function Changes({ changes }: { changes: Comparison['changes'] }) {
  return (
    <ul className="changes">
      {changes.map(({ kind, pointer, before, after }) => (
        <li key={pointer}>
          <code>{pointer}</code>
          {kind !== 'added' && <del><span className="sign" aria-hidden="true">−</span>{shown(before)}</del>}
          {kind !== 'removed' && <ins><span className="sign" aria-hidden="true">+</span>{shown(after)}</ins>}
        </li>
      ))}
    </ul>
  );
}

function Meanings({ breaking, alters }: Comparison) {
  if (!breaking.length && !alters.length) return null;
  return (
    <ul className="problems">
      {breaking.map(({ pointer, message }) => <li key={pointer + message} className="error"><code>{pointer}</code> {message}</li>)}
      {alters.map(({ pointer, message }) => <li key={pointer + message}><code>{pointer}</code> {message}</li>)}
    </ul>
  );
}

interface Props {
  comparison?: Comparison;
  version: string;
  /** The version that is published, when this is another one: it stays, and this becomes a spec of its own. */
  beside?: string;
  isPending: boolean;
  publish(): void;
  close(): void;
}

/** Asks whether this is to be published; not shown without a comparison. */
export function PublishQuestion({ comparison, version, beside, isPending, publish, close }: Props) {
  const broken = beside ? 0 : comparison?.flows.filter(({ effect }) => effect === 'breaks').length ?? 0;
  const title = beside ? `Publish version ${version} beside ${beside}?` : broken ? `This breaks ${broken === 1 ? 'a dataflow' : `${broken} dataflows`}` : 'Publish this change?';
  return (
    <DialogContainer onDismiss={close}>
      {comparison && (
        <Dialog size="L">
          <Heading>{title}</Heading>
          <Divider />
          <Content>
            <div className="stack">
              {beside ? <p>It becomes a source of its own in the catalog. Version {beside} stays as it is, and so do the dataflows that use it.</p> : (
                <>
                  <Meanings {...comparison} />
                  <h3>Dataflows</h3>
                  <Flows flows={comparison.flows} />
                  {broken > 0 && <p>To keep them as they are, give the spec another version: it is published beside this one then.</p>}
                </>
              )}
              <h3>What changes <span className="quiet">{comparison.changes.length}</span></h3>
              <Changes changes={comparison.changes} />
            </div>
          </Content>
          <ButtonGroup>
            <Button variant="secondary" onPress={close}>Cancel</Button>
            <Button variant={broken ? 'negative' : 'accent'} isPending={isPending} onPress={publish} autoFocus={!broken}>{broken ? 'Publish all the same' : 'Publish'}</Button>
          </ButtonGroup>
        </Dialog>
      )}
    </DialogContainer>
  );
}

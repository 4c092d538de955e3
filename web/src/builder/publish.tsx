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
  if (!flows.length) return <p>No dataflow uses the source.</p>;
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

/** Asks whether this is to be published; not shown without a comparison. */
export function PublishQuestion({ comparison, isPending, publish, close }: { comparison?: Comparison; isPending: boolean; publish(): void; close(): void }) {
  const broken = comparison?.flows.filter(({ effect }) => effect === 'breaks').length ?? 0;
  return (
    <DialogContainer onDismiss={close}>
      {comparison && (
        <Dialog size="L">
          <Heading>{broken ? `This breaks ${broken === 1 ? 'a dataflow' : `${broken} dataflows`}` : 'Publish this change?'}</Heading>
          <Divider />
          <Content>
            <div className="stack">
              {[...comparison.breaking.map((one) => ({ ...one, tone: 'error' })), ...comparison.alters.map((one) => ({ ...one, tone: 'warning' }))].length > 0 && (
                <ul className="problems">
                  {comparison.breaking.map(({ pointer, message }) => <li key={pointer + message} className="error"><code>{pointer}</code> {message}</li>)}
                  {comparison.alters.map(({ pointer, message }) => <li key={pointer + message}><code>{pointer}</code> {message}</li>)}
                </ul>
              )}
              <h3>Dataflows</h3>
              <Flows flows={comparison.flows} />
              {broken > 0 && <p>To keep them as they are, publish what you have written as a source of its own, under another name.</p>}
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

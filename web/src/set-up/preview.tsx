import { useEffect, useMemo, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { TextArea } from '@adobe/react-spectrum/TextArea';
import { ApiError } from '../api';
import { readExactly, written } from '../exact';
import { Failure, Loading } from '../parts/parts';
import { Records } from '../parts/records';
import { schemaOfValues, tableOf, typeOf } from '../records';
import type { Preview } from './draft';

function Member({ name, schema, required }: { name: string; schema: any; required: boolean }) {
  const inner = schema?.properties ?? schema?.items?.properties;
  const kind = `${typeOf(schema)}${schema?.format ? `, ${schema.format}` : ''}${required ? ', required' : ''}`;
  if (!inner || Object.keys(inner).length === 0) return <li><span className="member"><code>{name}</code> <span className="quiet">{kind}</span></span></li>;
  return (
    <li>
      <details open>
        <summary><code>{name}</code> <span className="quiet">{kind}</span></summary>
        <SchemaTree schema={schema?.items?.properties ? schema.items : schema} />
      </details>
    </li>
  );
}

export function SchemaTree({ schema }: { schema: any }) {
  const needed = new Set<string>(schema?.required ?? []);
  return <ul className="tree">{Object.entries<any>(schema?.properties ?? {}).map(([name, member]) => <Member key={name} name={name} schema={member} required={needed.has(name)} />)}</ul>;
}

export function ShownPreview({ preview }: { preview: Preview }) {
  const { columns, rows } = useMemo(() => tableOf(preview.data.slice(0, 100), preview.schema), [preview]);
  return (
    <div className="beside">
      <div className="stack">
        <h3>Schema</h3>
        <div className="scrolls" tabIndex={0} role="region" aria-label="Schema">{preview.schema?.properties ? <SchemaTree schema={preview.schema} /> : <p>No objects: each record is one value{typeOf(preview.schema) === 'any' ? '' : `, ${typeOf(preview.schema)}`}.</p>}</div>
      </div>
      <div className="stack">
        <h3>First records <span className="quiet">{preview.data.length} of the first page</span></h3>
        {preview.data.length ? <Records label="First records" columns={columns} rows={rows} /> : <p>The source answered, but its first page has no records.</p>}
      </div>
    </div>
  );
}

// What a refusal of these kinds is about: the settings, or the source, which was called then.
const hints: Record<number, string> = {
  400: 'Look at the settings of the last step, or at the account.',
  502: 'The source was called. Look at the settings of the last step, at the account, or at the source itself.',
  504: 'The source was called, and did not answer in time.',
};

function Waiting({ cancel }: { cancel(): void }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 2000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="stack">
      <Loading what="Asking the source for its first page" />
      <div className="row">
        <Button variant="secondary" onPress={cancel}>Cancel</Button>
        <span className="quiet" role="status">{long && 'The source takes its time. One that does not answer is asked again, several times.'}</span>
      </div>
    </div>
  );
}

export function PreviewStep({ preview, error, retry, cancel, next }: { preview?: Preview; error: unknown; retry(): void; cancel(): void; next(): void }) {
  if (error) {
    const hint = error instanceof ApiError && hints[error.status];
    return (
      <div className="stack">
        <Failure error={error} retry={retry} />
        {hint && <p className="quiet">{hint}</p>}
      </div>
    );
  }
  if (!preview) return <Waiting cancel={cancel} />;
  return (
    <div className="stack">
      <ShownPreview preview={preview} />
      <div className="row"><Button variant="accent" onPress={next}>Next</Button><Button variant="secondary" onPress={retry}>Ask again</Button></div>
    </div>
  );
}

/** Streams cannot be asked: a sample tells what their events look like. */
export function SampleStep({ preview, choose, next }: { preview?: Preview; choose(preview: Preview): void; next(): void }) {
  const [text, setText] = useState(preview ? written(preview.data[0], 2) : '{\n  "email": "ada@example.test",\n  "name": "Ada",\n  "signedUpAt": "2024-03-05T09:07:03Z"\n}');
  const [problem, setProblem] = useState('');
  const take = () => {
    try {
      const parsed = readExactly(text);
      const data = (Array.isArray(parsed) ? parsed : [parsed]).filter((one) => one && typeof one === 'object' && !Array.isArray(one));
      if (!data.length) throw new Error('An event must be a JSON object.');
      choose({ data, schema: schemaOfValues(data) });
      next();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <div className="stack">
      <p>Paste an event as the sender will post it, or choose a file. It is only looked at; nothing is stored.</p>
      <TextArea label="Sample event" value={text} onChange={setText} width="100%" height="size-3000" validationState={problem ? 'invalid' : undefined} errorMessage={problem} />
      <div className="row">
        <Button variant="accent" onPress={take}>Next</Button>
        <label className="file">Choose a file<input type="file" accept=".json,application/json" onChange={(event) => void event.target.files?.[0]?.text().then(setText)} /></label>
      </div>
    </div>
  );
}

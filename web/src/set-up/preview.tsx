import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { TextArea } from '@adobe/react-spectrum/TextArea';
import { Failure, Loading, Records } from '../parts/parts';
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
  const { columns, rows } = tableOf(preview.data.slice(0, 100), preview.schema);
  return (
    <div className="beside">
      <div className="stack">
        <h3>Schema</h3>
        <div className="scrolls" tabIndex={0} role="region" aria-label="Schema"><SchemaTree schema={preview.schema} /></div>
      </div>
      <div className="stack">
        <h3>First records <span className="quiet">{preview.data.length} of the first page</span></h3>
        {preview.data.length ? <Records label="First records" columns={columns} rows={rows} /> : <p>The source answered, but its first page has no records.</p>}
      </div>
    </div>
  );
}

export function PreviewStep({ preview, error, retry, next }: { preview?: Preview; error: unknown; retry(): void; next(): void }) {
  if (error) {
    return (
      <div className="stack">
        <Failure error={error} retry={retry} />
        <p className="quiet">The source was really called. Look at the settings of the last step, or at the account.</p>
      </div>
    );
  }
  if (!preview) return <Loading what="Asking the source for its first page" />;
  return (
    <div className="stack">
      <ShownPreview preview={preview} />
      <div className="row"><Button variant="accent" onPress={next}>Next</Button><Button variant="secondary" onPress={retry}>Ask again</Button></div>
    </div>
  );
}

/** Streams cannot be asked: a sample tells what their events look like. */
export function SampleStep({ preview, choose, next }: { preview?: Preview; choose(preview: Preview): void; next(): void }) {
  const [text, setText] = useState(preview ? JSON.stringify(preview.data[0], null, 2) : '{\n  "email": "ada@example.test",\n  "name": "Ada",\n  "signedUpAt": "2024-03-05T09:07:03Z"\n}');
  const [problem, setProblem] = useState('');
  const take = () => {
    try {
      const parsed = JSON.parse(text);
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

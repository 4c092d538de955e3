// The builder of `headwater source dev`: it edits the five files of a source's folder, and shows what other editors do to them.
import { useEffect, useRef, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { TextArea } from '@adobe/react-spectrum/TextArea';
import { TextField } from '@adobe/react-spectrum/TextField';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { ApiError, call } from '../api';
import { rememberFolder } from '../builder/edited-folder';
import { categories } from '../builder/schema';
import { Workshop } from '../builder/workshop';
import { written } from '../exact';
import { useUnsaved } from '../parts/leaving';
import { Failure, Loading, Page, Panel } from '../parts/parts';

const address = '/headwater/source-folder';
const spec = 'connectionSpec.json';
const lookEvery = 1000;

interface OnDisk {
  path: string;
  text?: string;
  etag: string;
  problem?: string;
}

interface Folder {
  name: string;
  folder: string;
  files: Record<string, OnDisk>;
  findings: { rule: string; severity: 'error' | 'warning'; file: string; line: number; pointer: string; message: string; hint: string }[];
  auth?: any;
  params?: any;
  problems: string[];
}

/** One file here: what it said when it was loaded or saved, and what it says now. */
interface Edited {
  base: string;
  etag: string;
  text: string;
}

const askFolder = () => call<Folder>('GET', address, { exact: true });

const loaded = ({ text = '', etag }: OnDisk): Edited => ({ base: text, etag, text });

// Fields of a page know no other end of a line; the file keeps its own.
const lines = (text: string) => text.replace(/\r\n?/g, '\n');
const asInFile = (text: string, { base }: Edited) => (lines(base) === text ? base : base.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text);
// Small texts end with the end of a line, which nobody wants to see in a field.
const bare = (text: string) => lines(text).replace(/\n$/, '');

function Findings({ found }: { found: Folder['findings'] }) {
  const errors = found.filter(({ severity }) => severity === 'error').length;
  return (
    <div className="stack">
      <p><span className={`state ${errors ? 'negative' : found.length ? 'notice' : 'positive'}`}>{errors ? `${errors} ${errors === 1 ? 'error' : 'errors'}` : found.length ? 'It can be published, with remarks' : 'It can be published'}</span></p>
      {found.length > 0 && <ul className="problems">{found.map(({ rule, severity, file, line, pointer, message, hint }, index) => <li key={index} className={severity}><code>{file.split('/').pop()}:{line}</code> {pointer && <code>{pointer}</code>} {message} <span className="quiet">{hint} [{rule}]</span></li>)}</ul>}
    </div>
  );
}

function Editor({ first }: { first: Folder }) {
  const queries = useQueryClient();
  const [files, setFiles] = useState<Record<string, Edited>>(() => Object.fromEntries(Object.entries(first.files).map(([part, file]) => [part, loaded(file)])));
  const [saving, setSaving] = useState(false);
  const [again, setAgain] = useState(0);
  const { data: disk = first, error } = useQuery({
    queryKey: [address], queryFn: askFolder, enabled: !saving, initialData: first, staleTime: 0, refetchInterval: lookEvery, retry: false,
  });
  const given = written([disk.auth, disk.params]);
  const givenBefore = useRef(given);

  // What another editor has saved is taken over where nothing was edited here.
  useEffect(() => {
    if (saving) return;
    const taken = Object.entries(disk.files).filter(([part, { text, etag }]) => text !== undefined && etag !== files[part].etag && (files[part].text === files[part].base || files[part].text === text));
    const other = givenBefore.current !== given;
    givenBefore.current = given;
    if (taken.length) setFiles((now) => ({ ...now, ...Object.fromEntries(taken.map(([part, file]) => [part, loaded(file)])) }));
    if (other || taken.some(([part]) => part === spec)) setAgain((count) => count + 1);
  }, [disk, files, given, saving]);

  const gone = (part: string) => disk.files[part].text === undefined && !disk.files[part].problem;
  const changed = Object.keys(files).filter((part) => files[part].text !== files[part].base || (gone(part) && files[part].text !== ''));
  const conflicts = changed.filter((part) => !gone(part) && disk.files[part].etag !== files[part].etag);
  const ready = changed.length > 0 && conflicts.length === 0 && !saving;

  const save = async () => {
    if (!ready) return;
    setSaving(true);
    const sent = Object.fromEntries(changed.map((part) => [part, { text: files[part].text, etag: gone(part) ? '' : files[part].etag }]));
    try {
      await queries.cancelQueries({ queryKey: [address] });
      const stored = await call<Folder>('PUT', address, { body: { files: sent }, exact: true });
      queries.setQueryData([address], stored);
      setFiles((now) => ({ ...now, ...Object.fromEntries(changed.map((part) => [part, { ...now[part], base: sent[part].text, etag: stored.files[part].etag }])) }));
      setAgain((count) => count + 1);
      ToastQueue.positive('Saved.', { timeout: 3000 });
    } catch (refused) {
      ToastQueue.negative((refused as Error).message, { timeout: 12_000 });
    } finally {
      setSaving(false);
    }
  };
  const current = useRef(save);
  current.current = save;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
      event.preventDefault();
      void current.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const unsaved = changed.length > 0;
  useUnsaved(unsaved ? 'What you have changed in the files is not saved yet.' : undefined);

  const write = (part: string, text: string) => setFiles((now) => ({ ...now, [part]: { ...now[part], text: asInFile(text, now[part]) } }));
  const writeBare = (part: string, text: string) => write(part, `${text}\n`);
  const take = (part: string) => {
    setFiles((now) => ({ ...now, [part]: loaded(disk.files[part]) }));
    if (part === spec) setAgain((count) => count + 1);
  };
  const keep = (part: string) => setFiles((now) => ({ ...now, [part]: { ...now[part], base: disk.files[part].text ?? '', etag: disk.files[part].etag } }));

  return (
    <>
      {error && <Failure error={error} />}
      {disk.problems.map((problem) => <p key={problem} className="problem" role="alert">{problem}</p>)}
      {Object.entries(disk.files).filter(([, { problem }]) => problem).map(([part, { path, problem }]) => <p key={part} className="problem" role="alert"><code>{path}</code> cannot be edited here: {problem}</p>)}
      {conflicts.map((part) => (
        <div key={part} className="failure" role="alert">
          <strong>{disk.files[part].path} was changed on the disk while it was edited here.</strong>
          <div className="row">
            <Button variant="secondary" onPress={() => take(part)}>Take the disk’s</Button>
            <Button variant="secondary" onPress={() => keep(part)}>Keep mine</Button>
          </div>
        </div>
      ))}
      <Workshop text={lines(files[spec].text)} setText={(text) => write(spec, text)} again={again} given={{ auth: disk.auth, params: disk.params }}
        actions={() => <Button variant="accent" isDisabled={!ready} isPending={saving} onPress={() => void save()}>{unsaved || saving ? 'Save' : 'Saved'}</Button>}>
        <Panel title="In the catalog" about={<>The other files of <code>{disk.folder}</code></>}>
          <TextField label="Label" value={bare(files['label.txt'].text)} onChange={(text) => writeBare('label.txt', text)} width="100%" />
          <Picker label="Category" items={categories.map((name) => ({ name }))} selectedKey={bare(files['category.txt'].text) || null} onSelectionChange={(key) => writeBare('category.txt', String(key))} width="100%">{({ name }) => <Item key={name}>{name}</Item>}</Picker>
          <TextArea label="Description" value={bare(files['description.txt'].text)} onChange={(text) => writeBare('description.txt', text)} width="100%" />
          <div className="with-icon">
            <img className="icon" src={`data:image/svg+xml,${encodeURIComponent(files['icon.svg'].text)}`} alt="The icon" width="40" height="40" />
            <TextArea label="Icon (SVG)" value={bare(files['icon.svg'].text)} onChange={(text) => writeBare('icon.svg', text)} width="100%" />
          </div>
        </Panel>
        <Panel title="Review of the saved files" about="What headwater source lint says."><Findings found={disk.findings} /></Panel>
      </Workshop>
    </>
  );
}

export default function SourceFolderPage() {
  const { data, error, refetch } = useQuery({ queryKey: [address], queryFn: askFolder, retry: false });
  const name = data?.name;
  useEffect(() => {
    if (name) rememberFolder(name);
  }, [name]);
  const none = error instanceof ApiError && error.status === 404;
  return (
    <Page title={data ? `Source ${data.name}` : 'A source’s folder'} back={<Link href="/">← Sources catalog</Link>} about="The files of the folder; another editor may have them open, too. Saved with Control+S.">
      {none ? <Failure error={error} /> : error && !data ? <Failure error={error} retry={refetch} /> : !data ? <Loading /> : <Editor first={data} />}
    </Page>
  );
}

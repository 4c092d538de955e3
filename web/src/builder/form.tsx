// The document of a connection spec as a form: the parts that most sources have. What it does not show stays as it is.
import { useMemo, useRef, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Checkbox } from '@adobe/react-spectrum/Checkbox';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { TextField } from '@adobe/react-spectrum/TextField';
import { focusIn } from '../forms/entries';
import { SchemaForm } from '../forms/schema-form';
import { at, parts, put, schemaOf, shownAs, valueOf, withCategory, withLabel, withValue, type Part } from './parts';
import { categories, freeName, signIns } from './schema';

interface Props {
  document: any;
  change(document: any): void;
  isDisabled: boolean;
  /** The catalog's texts stand elsewhere: in files of their own. */
  isFolder?: boolean;
}

function InCatalog({ document, change, isDisabled }: Props) {
  const { label, category } = shownAs(document);
  const names = category && !categories.includes(category) ? [...categories, category] : categories;
  return (
    <fieldset className="group">
      <legend>In the catalog</legend>
      <div className="stack">
        <TextField label="Label" value={label} isDisabled={isDisabled} width="100%" onChange={(text) => change(withLabel(document, text))} />
        <Picker label="Category" items={names.map((name) => ({ name }))} selectedKey={category || null} isDisabled={isDisabled} width="100%" onSelectionChange={(key) => change(withCategory(document, String(key)))}>{({ name }) => <Item key={name}>{name}</Item>}</Picker>
      </div>
    </fieldset>
  );
}

function SignIns({ document, change, isDisabled }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const entries: any[] = Array.isArray(document.authSpec) ? document.authSpec : [];
  const set = (authSpec: any[]) => change({ ...document, authSpec });
  const add = (title: string) => {
    const chosen = signIns.find((one) => one.title === title);
    if (chosen) set([...entries, { ...chosen.entry, name: freeName(chosen.entry.name, entries.map((one) => String(one?.name))) }]);
  };
  return (
    <fieldset className="group">
      <legend>How accounts sign in</legend>
      <div className="stack" ref={list}>
        {entries.length === 0 && <p className="quiet">Nobody has to: the source answers everybody.</p>}
        {entries.map((entry, index) => (
          <div key={index} className="row element">
            <div className="grow"><TextField label="Name of the way" value={String(entry?.name ?? '')} description={String(entry?.type ?? '')} isDisabled={isDisabled} width="100%" onChange={(name) => set(entries.map((one, at) => (at === index ? { ...one, name } : one)))} /></div>
            <Button variant="secondary" isDisabled={isDisabled} aria-label={`Remove ${entry?.name ?? 'this way'}`} onPress={() => {
              set(entries.filter((_, at) => at !== index));
              focusIn(list.current, index);
            }}>Remove</Button>
          </div>
        ))}
        <Picker label="Add a way to sign in" items={signIns} selectedKey={null} placeholder="Choose one" isDisabled={isDisabled} width="100%" onSelectionChange={(key) => add(String(key))}>{({ title }) => <Item key={title}>{title}</Item>}</Picker>
      </div>
    </fieldset>
  );
}

const types = ['string', 'integer', 'number', 'boolean'];
const inputsPath = ['sourceSpec', 'spec'];

function Inputs({ document, change, isDisabled }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const [fresh, setFresh] = useState('');
  const own = at(document, inputsPath) ?? {};
  const properties: Record<string, any> = own.properties ?? {};
  const required: string[] = Array.isArray(own.required) ? own.required : [];
  const set = (some: object) => change(put(document, inputsPath, { type: 'object', ...some }));
  const setOne = (name: string, some: object) => set({ properties: { ...properties, [name]: { ...properties[name], ...some } } });
  const others = required.filter((name) => Object.hasOwn(properties, name));
  const taken = Object.hasOwn(properties, fresh.trim());
  const add = () => {
    const name = fresh.trim();
    if (!name || taken) return;
    set({ properties: { ...properties, [name]: { type: 'string', title: name } } });
    setFresh('');
  };
  return (
    <fieldset className="group">
      <legend>What a user fills in</legend>
      <p className="quiet">In addresses and parameters as <code>{'${name}'}</code>.</p>
      <div className="stack" ref={list}>
        {Object.entries(properties).map(([name, schema], index) => (
          <div key={name} className="row element input">
            <div className="grow"><TextField label={`Title of ${name}`} value={String(schema?.title ?? '')} isDisabled={isDisabled} width="100%" onChange={(title) => setOne(name, { title })} /></div>
            {(schema?.type === undefined || types.includes(schema.type)) && <Picker label={`Type of ${name}`} items={types.map((type) => ({ type }))} selectedKey={schema?.type ?? null} isDisabled={isDisabled} width="size-1600" onSelectionChange={(type) => setOne(name, { type: String(type) })}>{({ type }) => <Item key={type}>{type}</Item>}</Picker>}
            <Checkbox isSelected={required.includes(name)} isDisabled={isDisabled} aria-label={`${name} is required`} onChange={(is) => set({ required: is ? [...others, name] : others.filter((one) => one !== name) })}>Required</Checkbox>
            <Button variant="secondary" isDisabled={isDisabled} aria-label={`Remove ${name}`} onPress={() => {
              const { [name]: _, ...rest } = properties;
              set({ properties: rest, required: others.filter((one) => one !== name) });
              focusIn(list.current, index);
            }}>Remove</Button>
          </div>
        ))}
        <div className="row">
          <TextField label="Name of another" value={fresh} isDisabled={isDisabled} onChange={setFresh} autoComplete="off" validationState={taken ? 'invalid' : undefined} errorMessage="This name is there already." />
          <Button variant="secondary" isDisabled={isDisabled || !fresh.trim() || taken} onPress={add}>Add it</Button>
        </div>
      </div>
    </fieldset>
  );
}

function PartForm({ part, document, change, isDisabled }: Props & { part: Part }) {
  const schema = useMemo(() => schemaOf(part), [part]);
  return (
    <fieldset className="group">
      <legend>{part.title}</legend>
      <SchemaForm schema={schema} value={valueOf(document, part)} check={false} disabled={isDisabled} onChange={(next) => change(withValue(document, part, next))} />
    </fieldset>
  );
}

export function SpecForm(props: Props) {
  const [source, ...rest] = parts;
  return (
    <div className="view stack">
      {props.isDisabled && <p className="problem" role="status">The code is no JSON object now: the form shows the last that was one, and waits.</p>}
      {source && <PartForm part={source} {...props} />}
      {!props.isFolder && <InCatalog {...props} />}
      {rest.slice(0, 1).map((part) => <PartForm key={part.title} part={part} {...props} />)}
      <SignIns {...props} />
      <Inputs {...props} />
      {rest.slice(1).map((part) => <PartForm key={part.title} part={part} {...props} />)}
    </div>
  );
}

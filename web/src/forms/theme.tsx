// rjsf in the design system: widgets and templates, nothing else.
import { useRef, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Checkbox } from '@adobe/react-spectrum/Checkbox';
import { CheckboxGroup } from '@adobe/react-spectrum/CheckboxGroup';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { TextArea } from '@adobe/react-spectrum/TextArea';
import { TextField } from '@adobe/react-spectrum/TextField';
import { getDefaultRegistry } from '@rjsf/core';
import { deepEquals, getSchemaType } from '@rjsf/utils';
import type { ArrayFieldTemplateProps, FieldProps, FieldTemplateProps, ObjectFieldTemplateProps, RegistryFieldsType, TemplatesType, WidgetProps, RegistryWidgetsType } from '@rjsf/utils';
import { amount, amountText } from '../exact';
import { AnyObject, Entries, focusIn } from './entries';
import { worded } from './words';

// The choice between schemas is named after the field, or as its schema says.
const choiceOf = /__(one|any)of_select$/;
const labelOf = ({ label, schema, name }: WidgetProps) => (choiceOf.test(name) ? (label && !choiceOf.test(label) && label !== name.replace(choiceOf, '') ? label : worded(name.replace(choiceOf, ''))) : schema.title || worded((name || label).replace(/-(\d+)$/, (_, index) => ` ${Number(index) + 1}`)));
const sentences = (errors: string[] | undefined) => (errors?.length ? [...new Set(errors)].join(' ') : undefined);
// What is wrong with a value is told at its own field, not at the choice of its kind.
const problemOf = ({ rawErrors, name }: WidgetProps) => (choiceOf.test(name) ? undefined : sentences(rawErrors));

// What a format looks like, where the schema gives no example of its own.
const examples: Record<string, string> = {
  'date-time': '2024-03-05T09:07:03Z', date: '2024-03-05', time: '09:07:03Z', email: 'ada@example.test', uri: 'https://example.test/orders', uuid: '01a227d9-ce33-4341-8406-9e14f18228bf', color: '#0d66d0',
};

function about(props: WidgetProps) {
  const problem = problemOf(props);
  const example = (props.schema as any).example ?? props.schema.examples?.toString() ?? examples[props.schema.format ?? ''];
  const text = [props.schema.description, example ? `For example ${example}` : ''].filter(Boolean).join(' ');
  return { label: labelOf(props), isRequired: props.required, isDisabled: props.disabled, isReadOnly: props.readonly, description: text || undefined, errorMessage: problem, validationState: problem ? ('invalid' as const) : undefined, width: '100%', id: props.id };
}

const textOf = (value: unknown) => (value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : amountText(value));

function Text(props: WidgetProps) {
  const secret = props.schema.format === 'password' || props.options.inputType === 'password';
  return (
    <TextField {...about(props)} value={textOf(props.value)} type={secret ? 'password' : 'text'} autoComplete={secret ? 'new-password' : 'off'}
      onChange={(value) => props.onChange(value === '' ? props.options.emptyValue : value)} />
  );
}

function Long(props: WidgetProps) {
  return <TextArea {...about(props)} value={textOf(props.value)} onChange={(value) => props.onChange(value === '' ? props.options.emptyValue : value)} />;
}

const amountOf = (typed: string) => (typed.trim() === '' ? undefined : amount(typed.trim()));

// A field of text, for a number field of the design system rounds large integers. What is typed stays as long as it means the value.
function Amount(props: WidgetProps) {
  const [typed, setTyped] = useState('');
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = props.schema;
  const limits = [['at least', minimum], ['more than', exclusiveMinimum], ['at most', maximum], ['less than', exclusiveMaximum], ['a multiple of', multipleOf]] as const;
  const bounds = limits.filter(([, limit]) => limit !== undefined).map(([words, limit]) => `${words} ${limit}`).join(', ');
  const own = about(props);
  return (
    <TextField {...own} description={[own.description, bounds && `A number, ${bounds}.`].filter(Boolean).join(' ') || undefined} inputMode="decimal" autoComplete="off"
      value={amountOf(typed) === props.value ? typed : textOf(props.value)}
      onChange={(text) => {
        setTyped(text);
        props.onChange(amountOf(text) ?? props.options.emptyValue);
      }} />
  );
}

function Anything(props: WidgetProps) {
  return props.schema.type === 'number' || props.schema.type === 'integer' ? <Amount {...props} /> : <Text {...props} />;
}

function YesOrNo(props: WidgetProps) {
  const problem = problemOf(props);
  return (
    <div>
      <Checkbox isSelected={props.value === true} isDisabled={props.disabled} isReadOnly={props.readonly} isInvalid={problem !== undefined} onChange={props.onChange}>{labelOf(props)}</Checkbox>
      {props.schema.description && <p className="quiet">{props.schema.description}</p>}
      {problem && <p className="refusal" role="alert">{problem}</p>}
    </div>
  );
}

const nothing = 'nothing';

function OneChoice(props: WidgetProps) {
  const options = props.options.enumOptions ?? [];
  const at = options.findIndex(({ value }) => deepEquals(value, props.value));
  // What need not be chosen can be taken back; a default would be there again.
  const mayBeEmpty = !props.required && !choiceOf.test(props.name) && props.schema.default === undefined;
  const items = [...(mayBeEmpty ? [{ key: nothing, label: '(none)' }] : []), ...options.map(({ label }, index) => ({ key: String(index), label }))];
  return (
    <Picker {...about(props)} selectedKey={at < 0 ? null : String(at)} onSelectionChange={(key) => props.onChange(key === null || key === nothing ? undefined : options[Number(key)]?.value)} items={items}>
      {({ key, label }) => <Item key={key}>{label}</Item>}
    </Picker>
  );
}

function Choices(props: WidgetProps) {
  const options = props.options.enumOptions ?? [];
  const chosen: unknown[] = Array.isArray(props.value) ? props.value : [];
  const { width: _1, id: _2, validationState, ...own } = about(props);
  return (
    <CheckboxGroup {...own} isInvalid={validationState === 'invalid'} value={options.flatMap(({ value }, index) => (chosen.some((one) => deepEquals(one, value)) ? [String(index)] : []))}
      onChange={(keys) => props.onChange(options.filter((_, index) => keys.includes(String(index))).map(({ value }) => value))}>
      {options.map(({ label }, index) => <Checkbox key={index} value={String(index)}>{label}</Checkbox>)}
    </CheckboxGroup>
  );
}

const Choice = (props: WidgetProps) => (props.multiple ? <Choices {...props} /> : <OneChoice {...props} />);

const asAddress = (file: Blob) => new Promise<string>((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(String(reader.result));
  reader.onerror = () => failed(reader.error);
  reader.readAsDataURL(file);
});

/** Files as data: addresses. */
function Files(props: WidgetProps) {
  const { label, description, errorMessage, isRequired } = about(props);
  const held = [props.value].flat().filter((one) => typeof one === 'string' && one !== '');
  return (
    <div className="stack">
      <label className="plain">
        {label}{isRequired ? ' (required)' : ''}
        <input type="file" multiple={props.multiple} disabled={props.disabled || props.readonly} aria-invalid={errorMessage ? true : undefined} onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          void Promise.all(files.map(asAddress)).then((texts) => texts.length && props.onChange(props.multiple ? texts : texts[0]));
        }} />
      </label>
      {description && <p className="quiet">{description}</p>}
      {held.length > 0 && <div className="row"><span className="quiet" role="status">{held.length === 1 ? 'A file is chosen.' : `${held.length} files are chosen.`}</span><Button variant="secondary" onPress={() => props.onChange(props.multiple ? [] : undefined)}>Take it back</Button></div>}
      {errorMessage && <p className="refusal" role="alert">{errorMessage}</p>}
    </div>
  );
}

export const widgets: RegistryWidgetsType<any, any, any> = {
  TextWidget: Anything, PasswordWidget: Text, EmailWidget: Text, URLWidget: Text, UpDownWidget: Amount, TextareaWidget: Long, CheckboxWidget: YesOrNo, SelectWidget: Choice, RadioWidget: Choice,
  DateWidget: Text, DateTimeWidget: Text, TimeWidget: Text, AltDateWidget: Text, AltDateTimeWidget: Text, ColorWidget: Text, RangeWidget: Amount, CheckboxesWidget: Choice, FileWidget: Files,
};

// rjsf's own turns what is typed into JavaScript's numbers.
const { StringField } = getDefaultRegistry().fields;
const AsGiven = (props: FieldProps) => <StringField {...props} />;
export const fields: RegistryFieldsType<any, any, any> = { NumberField: AsGiven, ObjectField: AnyObject };

const Refusal = ({ errors }: { errors?: string[] }) => (errors?.length ? <p className="refusal" role="alert">{sentences(errors)}</p> : null);

// Of an object there is no widget that could tell what is wrong with it as a whole.
function FieldTemplate({ children, hidden, schema, rawErrors }: FieldTemplateProps) {
  if (hidden) return <div hidden>{children}</div>;
  const type = getSchemaType(schema);
  const told = schema.oneOf || schema.anyOf || !['object', 'null', undefined].includes(type as string);
  return <div className="field">{children}{!told && <Refusal errors={rawErrors} />}</div>;
}

function ObjectFieldTemplate({ properties, title, description, idSchema, schema }: ObjectFieldTemplateProps) {
  const fields = <>{properties.map(({ name, content }) => <div key={name}>{content}</div>)}<Entries /></>;
  if (idSchema.$id === 'root') return <div className="stack">{fields}</div>;
  return (
    <fieldset className="group">
      <legend>{schema.title ?? worded(title)}</legend>
      {description && <p className="quiet">{description}</p>}
      <div className="stack">{fields}</div>
    </fieldset>
  );
}

function ArrayFieldTemplate({ items, title, schema, canAdd, onAddClick, rawErrors, disabled, readonly }: ArrayFieldTemplateProps) {
  const place = useRef<HTMLDivElement>(null);
  const name = schema.title ?? worded(title);
  return (
    <fieldset className="group">
      <legend>{name}</legend>
      {schema.description && <p className="quiet">{schema.description}</p>}
      <div className="stack" ref={place}>
        {items.map(({ key, children, hasRemove, index, onDropIndexClick }) => (
          <div key={key} className="row element">
            <div className="grow">{children}</div>
            {hasRemove && <Button variant="secondary" isDisabled={disabled || readonly} aria-label={`Remove ${name} ${index + 1}`} onPress={() => {
              onDropIndexClick(index)();
              focusIn(place.current, index);
            }}>Remove</Button>}
          </div>
        ))}
        <Refusal errors={rawErrors} />
        {canAdd && <div><Button variant="secondary" isDisabled={disabled || readonly} onPress={() => onAddClick()}>Add</Button></div>}
      </div>
    </fieldset>
  );
}

// Every widget shows its own problems; what is left is told above the form.
export const templates: Partial<TemplatesType<any, any, any>> = {
  FieldTemplate, ObjectFieldTemplate, ArrayFieldTemplate, ErrorListTemplate: () => null, FieldErrorTemplate: () => null, DescriptionFieldTemplate: () => null,
};

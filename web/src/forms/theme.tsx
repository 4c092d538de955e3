// rjsf in the design system: widgets and templates, nothing else.
import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { Checkbox } from '@adobe/react-spectrum/Checkbox';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { TextArea } from '@adobe/react-spectrum/TextArea';
import { TextField } from '@adobe/react-spectrum/TextField';
import { getDefaultRegistry } from '@rjsf/core';
import type { ArrayFieldTemplateProps, FieldProps, FieldTemplateProps, ObjectFieldTemplateProps, RegistryFieldsType, TemplatesType, WidgetProps, RegistryWidgetsType } from '@rjsf/utils';
import { amount, amountText } from '../exact';
import { outOfForm } from './prepared';

/** "clientSecret" as people write it. */
export function worded(name: string): string {
  const words = outOfForm(name).replace(/[_-]+/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// The choice between schemas is named after the field, or as its schema says.
const choiceOf = /__(one|any)of_select$/;
const labelOf = ({ label, schema, name }: WidgetProps) => (choiceOf.test(name) ? (label && !choiceOf.test(label) && label !== name.replace(choiceOf, '') ? label : worded(name.replace(choiceOf, ''))) : schema.title || worded(/-\d+$/.test(name) ? label || name : name || label));
const problemOf = ({ rawErrors }: WidgetProps) => (rawErrors?.length ? [...new Set(rawErrors)].join(' ') : undefined);

// What a format looks like, where the schema gives no example of its own.
const examples: Record<string, string> = {
  'date-time': '2024-03-05T09:07:03Z', date: '2024-03-05', time: '09:07:03Z', email: 'ada@example.test', uri: 'https://example.test/orders', uuid: '01a227d9-ce33-4341-8406-9e14f18228bf',
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
  const { minimum, maximum } = props.schema;
  const bounds = [minimum !== undefined && `at least ${minimum}`, maximum !== undefined && `at most ${maximum}`].filter(Boolean).join(', ');
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
  return (
    <div>
      <Checkbox isSelected={props.value === true} isDisabled={props.disabled} isReadOnly={props.readonly} onChange={props.onChange}>{labelOf(props)}</Checkbox>
      {props.schema.description && <p className="quiet">{props.schema.description}</p>}
    </div>
  );
}

function Choice(props: WidgetProps) {
  const options = props.options.enumOptions ?? [];
  const at = options.findIndex(({ value }) => value === props.value);
  return (
    <Picker {...about(props)} selectedKey={at < 0 ? null : String(at)} onSelectionChange={(key) => props.onChange(key === null ? undefined : options[Number(key)]?.value)}
      items={options.map(({ label }, index) => ({ key: String(index), label }))}>
      {({ key, label }) => <Item key={key}>{label}</Item>}
    </Picker>
  );
}

export const widgets: RegistryWidgetsType<any, any, any> = {
  TextWidget: Anything, PasswordWidget: Text, EmailWidget: Text, URLWidget: Text, UpDownWidget: Amount, TextareaWidget: Long, CheckboxWidget: YesOrNo, SelectWidget: Choice, RadioWidget: Choice,
  DateWidget: Text, DateTimeWidget: Text, TimeWidget: Text,
};

// rjsf's own turns what is typed into JavaScript's numbers.
const { StringField } = getDefaultRegistry().fields;
const AsGiven = (props: FieldProps) => <StringField {...props} />;
export const fields: RegistryFieldsType<any, any, any> = { NumberField: AsGiven };

function FieldTemplate({ children, hidden }: FieldTemplateProps) {
  return hidden ? <div hidden>{children}</div> : <div className="field">{children}</div>;
}

function ObjectFieldTemplate({ properties, title, description, idSchema }: ObjectFieldTemplateProps) {
  const fields = properties.map(({ name, content }) => <div key={name}>{content}</div>);
  if (idSchema.$id === 'root') return <div className="stack">{fields}</div>;
  return (
    <fieldset className="group">
      <legend>{worded(title)}</legend>
      {description && <p className="quiet">{description}</p>}
      <div className="stack">{fields}</div>
    </fieldset>
  );
}

function ArrayFieldTemplate({ items, title, canAdd, onAddClick, rawErrors }: ArrayFieldTemplateProps) {
  return (
    <fieldset className="group">
      <legend>{worded(title)}</legend>
      <div className="stack">
        {items.map(({ key, children, hasRemove, index, onDropIndexClick }) => (
          <div key={key} className="row">
            <div className="grow">{children}</div>
            {hasRemove && <Button variant="secondary" aria-label={`Remove ${worded(title)} ${index + 1}`} onPress={() => onDropIndexClick(index)()}>Remove</Button>}
          </div>
        ))}
        {rawErrors?.length ? <p className="refusal" role="alert">{[...new Set(rawErrors)].join(' ')}</p> : null}
        {canAdd && <div><Button variant="secondary" onPress={() => onAddClick()}>Add</Button></div>}
      </div>
    </fieldset>
  );
}

// Every widget shows its own problems; what is left is told above the form.
export const templates: Partial<TemplatesType<any, any, any>> = {
  FieldTemplate, ObjectFieldTemplate, ArrayFieldTemplate, ErrorListTemplate: () => null, FieldErrorTemplate: () => null, DescriptionFieldTemplate: () => null,
};

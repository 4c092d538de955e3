// rjsf in the design system: widgets and templates, nothing else.
import { Button } from '@adobe/react-spectrum/Button';
import { Checkbox } from '@adobe/react-spectrum/Checkbox';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { NumberField } from '@adobe/react-spectrum/NumberField';
import { TextArea } from '@adobe/react-spectrum/TextArea';
import { TextField } from '@adobe/react-spectrum/TextField';
import type { ArrayFieldTemplateProps, FieldTemplateProps, ObjectFieldTemplateProps, TemplatesType, WidgetProps, RegistryWidgetsType } from '@rjsf/utils';

/** "clientSecret" as people write it. */
export function worded(name: string): string {
  const words = name.replace(/[_-]+/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const labelOf = ({ label, schema, name }: WidgetProps) => schema.title || worded(name || label);
const problemOf = ({ rawErrors }: WidgetProps) => (rawErrors?.length ? [...new Set(rawErrors)].join(' ') : undefined);

function about(props: WidgetProps) {
  const problem = problemOf(props);
  const example = (props.schema as any).example ?? props.schema.examples?.toString();
  const text = [props.schema.description, example ? `For example ${example}` : ''].filter(Boolean).join(' ');
  return { label: labelOf(props), isRequired: props.required, isDisabled: props.disabled, isReadOnly: props.readonly, description: text || undefined, errorMessage: problem, validationState: problem ? ('invalid' as const) : undefined, width: '100%', id: props.id };
}

function Text(props: WidgetProps) {
  const secret = props.schema.format === 'password' || props.options.inputType === 'password';
  return (
    <TextField {...about(props)} value={props.value ?? ''} type={secret ? 'password' : 'text'} autoComplete={secret ? 'new-password' : 'off'}
      onChange={(value) => props.onChange(value === '' ? props.options.emptyValue : value)} />
  );
}

function Long(props: WidgetProps) {
  return <TextArea {...about(props)} value={props.value ?? ''} onChange={(value) => props.onChange(value === '' ? props.options.emptyValue : value)} />;
}

function Amount(props: WidgetProps) {
  const { minimum, maximum, multipleOf, type } = props.schema;
  return (
    <NumberField {...about(props)} value={typeof props.value === 'number' ? props.value : NaN} minValue={minimum} maxValue={maximum} step={multipleOf ?? (type === 'integer' ? 1 : undefined)}
      formatOptions={{ useGrouping: false, maximumFractionDigits: 12 }} onChange={(value) => props.onChange(Number.isNaN(value) ? undefined : value)} />
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

function ArrayFieldTemplate({ items, title, canAdd, onAddClick }: ArrayFieldTemplateProps) {
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
        {canAdd && <div><Button variant="secondary" onPress={() => onAddClick()}>Add</Button></div>}
      </div>
    </fieldset>
  );
}

// Every widget shows its own problems; what is left is told above the form.
export const templates: Partial<TemplatesType<any, any, any>> = {
  FieldTemplate, ObjectFieldTemplate, ArrayFieldTemplate, ErrorListTemplate: () => null, FieldErrorTemplate: () => null, DescriptionFieldTemplate: () => null,
};

// What rjsf asks of a validator, answered by an interpreter of JSON Schema: compiling schemas to JavaScript, as ajv does, is
// what a strict content security policy forbids.
import { Validator } from '@cfworker/json-schema';
import { amountText, isDecimal } from '../exact';
import { createErrorHandler, getDefaultFormState, toErrorList, unwrapErrorHandler, validationDataMerge, type ErrorSchema, type RJSFSchema, type RJSFValidationError, type ValidatorType } from '@rjsf/utils';
import { tell } from './messages';

/** As the interpreter knows values: without what is not there, and with numbers of JavaScript. */
function plainValue(value: any): any {
  if (typeof value === 'bigint' || isDecimal(value)) return Number(amountText(value));
  if (Array.isArray(value)) return value.map((each) => plainValue(each) ?? null);
  if (value === null || typeof value !== 'object') return ['function', 'symbol'].includes(typeof value) ? undefined : value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainValue(each)]).filter(([, each]) => each !== undefined));
}

/** A schema that cannot be followed refuses nothing: the server judges. */
function validated(schema: any, value: unknown, shortCircuit: boolean): ReturnType<Validator['validate']> {
  try {
    return new Validator(schema, '7', shortCircuit).validate(plainValue(value) ?? null);
  } catch {
    return { valid: true, errors: [] };
  }
}

/** Errors by their places; names may hold whatever separates them elsewhere. */
function placesOf(errors: { path: string[]; message: string }[]): ErrorSchema {
  const root: any = Object.create(null);
  for (const { path, message } of errors) {
    const at = path.reduce((holder, step) => (holder[step] ??= Object.create(null)), root);
    (at.__errors ??= []).push(message);
  }
  return { ...root };
}

class InterpretedValidator implements ValidatorType {
  private readonly root: any;

  /** `whole` is the schema of the values, of which the form may show only a part. */
  constructor(whole: any) {
    this.root = plainValue(whole);
  }

  validateFormData(formData: any, schema: RJSFSchema, customValidate?: any, _transform?: any, uiSchema?: any): any {
    const told = tell(this.root, validated(this.root, formData, false).errors, formData);
    const errors: RJSFValidationError[] = told.map(({ path, keyword, message }) => ({ name: keyword, property: `.${path.join('.')}`, message, stack: `${path.join('.')} ${message}` }));
    const result = { errors, errorSchema: placesOf(told) };
    if (typeof customValidate !== 'function') return result;
    const defaults: any = getDefaultFormState(this, schema, formData, schema, true);
    const handler: any = customValidate(defaults, createErrorHandler(defaults), uiSchema);
    return validationDataMerge(result, unwrapErrorHandler(handler));
  }
  toErrorList(errorSchema?: ErrorSchema, fieldPath: string[] = []) {
    return toErrorList(errorSchema, fieldPath);
  }
  /** Also of parts of the schema, whose references lead to the whole one. */
  isValid(schema: any, formData: any, root: any = {}) {
    const { definitions = this.root?.definitions, $defs = this.root?.$defs } = root ?? {};
    return validated(plainValue({ definitions, $defs, ...schema }), formData, true).valid;
  }
  rawValidation<Result>(schema: RJSFSchema, formData?: any) {
    return { errors: validated(plainValue(schema), formData, false).errors as Result[] };
  }
}

export const validatorOf = (whole: any): ValidatorType<any, any, any> => new InterpretedValidator(whole);

/** Whether a value is what the schema wants. */
export const fits = (whole: any, value: unknown) => validated(plainValue(whole), value, true).valid;
export const problemsOf = (whole: any, value: unknown) => tell(plainValue(whole), validated(plainValue(whole), value, false).errors, value);

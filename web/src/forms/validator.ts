// What rjsf asks of a validator, answered by an interpreter of JSON Schema: compiling schemas to JavaScript, as ajv does, is
// what a strict content security policy forbids.
import { Validator } from '@cfworker/json-schema';
import { amountText, isDecimal } from '../exact';
import { createErrorHandler, getDefaultFormState, toErrorList, toErrorSchema, unwrapErrorHandler, validationDataMerge, type ErrorSchema, type RJSFSchema, type RJSFValidationError, type ValidatorType } from '@rjsf/utils';

const plain: Record<string, (schema: any) => string> = {
  required: () => 'This is required.',
  type: (schema) => `This must be of the type ${[schema?.type].flat().join(' or ')}.`,
  format: (schema) => `This is no ${schema?.format ?? 'such text'}.`,
  pattern: (schema) => `This must look like ${schema?.pattern}.`,
  enum: () => 'This is none of the choices.',
  minLength: (schema) => `This needs ${schema?.minLength} characters or more.`,
  maxLength: (schema) => `This may have ${schema?.maxLength} characters.`,
  minimum: (schema) => `The least is ${schema?.minimum}.`,
  minItems: (schema) => `This needs ${schema?.minItems} or more.`,
  maxItems: (schema) => `This may have ${schema?.maxItems}.`,
  maximum: (schema) => `The most is ${schema?.maximum}.`,
};

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

function schemaAt(schema: any, keywordLocation: string): any {
  const steps = keywordLocation.replace(/^#\/?/, '').split('/').slice(0, -1);
  return steps.reduce((at, step) => at?.[decodeURIComponent(step.replaceAll('~1', '/').replaceAll('~0', '~'))], schema);
}

function errorsOf(schema: any, data: unknown): RJSFValidationError[] {
  const { errors } = validated(schema, data, false);
  return errors.filter(({ keyword }) => keyword in plain).map(({ keyword, keywordLocation, instanceLocation, error }) => {
    const path = instanceLocation.replace(/^#\/?/, '').split('/').filter(Boolean).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const missing = keyword === 'required' ? /"([^"]+)"/.exec(error)?.[1] : undefined;
    const property = `.${[...path, ...(missing ? [missing] : [])].join('.')}`;
    const nothing = keyword === 'type' && path.length > 0 && path.reduce((at: any, step) => at?.[step], data) === undefined;
    const message = nothing ? plain.required(undefined) : plain[keyword](schemaAt(schema, keywordLocation));
    return { name: keyword, property, message, stack: `${property} ${message}`, schemaPath: keywordLocation };
  });
}

class InterpretedValidator implements ValidatorType {
  validateFormData(formData: any, schema: RJSFSchema, customValidate?: any, transformErrors?: any, uiSchema?: any): any {
    let errors = errorsOf(schema, formData ?? null);
    if (transformErrors) errors = transformErrors(errors, uiSchema);
    const result = { errors, errorSchema: toErrorSchema(errors) };
    if (typeof customValidate !== 'function') return result;
    const defaults: any = getDefaultFormState(this, schema, formData, schema, true);
    const handler: any = customValidate(defaults, createErrorHandler(defaults), uiSchema);
    return validationDataMerge(result, unwrapErrorHandler(handler));
  }
  toErrorList(errorSchema?: ErrorSchema, fieldPath: string[] = []) {
    return toErrorList(errorSchema, fieldPath);
  }
  isValid(schema: RJSFSchema, formData: any) {
    return validated(schema, formData, true).valid;
  }
  rawValidation<Result>(schema: RJSFSchema, formData?: any) {
    return { errors: errorsOf(schema, formData ?? null) as Result[] };
  }
}

export const validator: ValidatorType<any, any, any> = new InterpretedValidator();

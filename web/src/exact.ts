// JSON whose numbers stay what they were: JavaScript's would round 9007199254740993 and forget the last zero of 1.10.
import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';

const asWritten = (text: string) => {
  const value = Number(text);
  return String(value) === text ? value : new LosslessNumber(text);
};

/** A number is JavaScript's own when that is written the same way; else it is kept as its text, which only this file makes use of. */
export const readExactly = (text: string): any => parse(text, undefined, { parseNumber: asWritten, onDuplicateKey: ({ newValue }) => newValue });

/** Any value as JSON, its numbers as they were read. */
export const written = (value: unknown, space?: number): string => stringify(value, undefined, space) ?? 'null';

export const isExact = isLosslessNumber;
export const isNumber = (value: unknown) => typeof value === 'number' || isLosslessNumber(value);
export const isInteger = (value: unknown) => /^-?\d+$/.test(String(value));

// Forms take objects apart, so a decimal that JavaScript would round is a text in them, told from others by its invisible begin.
const decimalMark = '\u2063';
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;
export const isDecimal = (value: unknown): value is string => typeof value === 'string' && value.startsWith(decimalMark) && jsonNumber.test(value.slice(1));

/** What a text means where a number is wanted, as forms hold it: an integer of any size, a decimal as it is written, or JavaScript's
 * number where that is the same. A text that is no number stays itself. */
export function amount(text: string): number | bigint | string {
  if (/^[-+]?\d+$/.test(text) && !Number.isSafeInteger(Number(text))) return BigInt(text.replace('+', ''));
  if (!Number.isFinite(Number(text))) return jsonNumber.test(text) ? decimalMark + text : text;
  return jsonNumber.test(text) && !isInteger(text) && String(Number(text)) !== text ? decimalMark + text : Number(text);
}

/** A value as forms can hold it. */
export const simple = (value: LosslessNumber) => amount(value.toString());

/** How a number of a form is shown. */
export const amountText = (value: unknown) => (isDecimal(value) ? value.slice(1) : String(value));

/** The way back. */
export const exact = (value: bigint | string) => asWritten(amountText(value));

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

/** As forms can hold it: an integer of any size, or JavaScript's nearest number. */
export function simple(value: LosslessNumber): number | bigint {
  const text = value.toString();
  return isInteger(text) && !Number.isSafeInteger(Number(text)) ? BigInt(text) : Number(text);
}

/** The way back. */
export const exact = (value: number | bigint) => asWritten(String(value));

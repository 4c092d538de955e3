// Where in a JSON text one is, while it is written and often is none: read from its beginning, forgiving what lacks.

export interface Place {
  /** The names from the document's root to the value or the object that is written; elements of arrays are "[]". */
  path: string[];
  /** A member's name, or a value. */
  wants: 'name' | 'value';
  /** What stands there already, a string with its quotes: [from, to). */
  from: number;
  to: number;
  /** In a string, whether it is closed or not. */
  quoted: boolean;
  /** Names that the object has, without the one that is written. */
  names: Set<string>;
  /** Where the comma lacks that must stand before. */
  commaAt?: number;
  /** What follows: a colon after the name, or another member that needs a comma before it. */
  followedBy: ':' | '"' | '';
}

interface Frame {
  array: boolean;
  key: string;
  wants: 'name' | 'colon' | 'value' | 'comma';
  names: [string, number][];
  end: number; // of the last value
}

interface Token {
  text: string;
  from: number;
  to: number;
}

/** Words and strings as wholes; a string that nobody has closed ends with its line. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /"(?:[^"\\\n]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/g;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) tokens.push({ text: found[0], from: found.index, to: found.index + found[0].length });
  return tokens;
}

const isClosed = ({ text }: Token) => text.length > 1 && text.endsWith('"');
const bare = (text: string) => text.replace(/^"|"$/g, '');
const isWord = ({ text }: Token) => !/^[{}[\],:]$/.test(text);

/** The frames that are open before a position, and the token that it stands in or behind. */
export function placeAt(text: string, position: number): Place | undefined {
  const tokens = tokensOf(text);
  const frames: Frame[] = [];
  const top = () => frames[frames.length - 1];
  const ended = (end: number) => {
    if (top()) Object.assign(top(), { wants: 'comma', end });
  };
  const take = (token: Token) => {
    const frame = top();
    if (token.text === '{' || token.text === '[') frames.push({ array: token.text === '[', key: '', wants: token.text === '[' ? 'value' : 'name', names: [], end: token.to });
    else if (token.text === '}' || token.text === ']') {
      frames.pop();
      ended(token.to);
    } else if (!frame) return;
    else if (token.text === ',') frame.wants = frame.array ? 'value' : 'name';
    else if (token.text === ':') frame.wants = 'value';
    else if (frame.wants === 'value') ended(token.to);
    else if (!frame.array) {
      frame.key = bare(token.text);
      frame.names.push([frame.key, token.from]);
      frame.wants = 'colon';
    }
  };
  let index = 0;
  // A closed string is behind one who stands behind it.
  for (; index < tokens.length && (tokens[index].to < position || (tokens[index].to === position && (!isWord(tokens[index]) || isClosed(tokens[index])))); ++index) take(tokens[index]);
  const token = tokens[index];
  const within = token && isWord(token) && token.from < position ? token : undefined;
  const frame = top();
  if (!frame || frame.wants === 'colon' || (frame.array && frame.wants === 'comma')) return undefined;
  const depth = frames.length;
  const path = frames.flatMap((one, at) => (one.array ? ['[]'] : at < depth - 1 || one.wants === 'value' ? [one.key] : []));
  const wants = frame.wants === 'value' ? 'value' : 'name';
  // The rest of the object, for its names.
  const own = frame;
  let next = index + (within ? 1 : 0);
  const follows = tokens[next]?.text ?? '';
  if (wants === 'name' && within && own.wants !== 'comma') Object.assign(own, { wants: 'colon' });
  for (; next < tokens.length && frames.includes(own); ++next) take(tokens[next]);
  return {
    path, wants, from: within?.from ?? position, to: within?.to ?? position, quoted: within?.text.startsWith('"') ?? false,
    names: new Set(own.names.filter(([, from]) => from !== within?.from).map(([name]) => name)),
    ...(frame.wants === 'comma' && wants === 'name' && { commaAt: own.end }),
    followedBy: follows === ':' ? ':' : follows.startsWith('"') ? '"' : '',
  };
}

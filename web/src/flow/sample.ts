// The event that examples post: the one that the dataflow was set up with, as long as the browser's tab remembers it.
const key = (flow: string) => `headwater.sample.${flow}`;
const most = 4000;
const first = '{"email":"ada@example.test"}';

/** `event`: JSON text. */
export function rememberSample(flow: string, event: string): void {
  if (event.length > most) return;
  try {
    sessionStorage.setItem(key(flow), event);
  } catch {
    // Without storage the examples post another event.
  }
}

export function sampleOf(flow: string): string {
  try {
    return sessionStorage.getItem(key(flow)) ?? first;
  } catch {
    return first;
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export const curlOf = (url: string, event: string) => `curl -H 'Content-Type: application/json' \\
  -d ${quoted(event)} ${url}`;

export const hmacOf = (url: string, event: string) => `SECRET=$(cat secret.txt)
EVENT=${quoted(event)}
SIGNATURE=$(printf %s "$EVENT" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)
curl -H 'Content-Type: application/json' \\
  -H "x-hmac-sha256: $SIGNATURE" -d "$EVENT" ${url}`;

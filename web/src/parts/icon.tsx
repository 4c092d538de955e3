import { iconOf, labelOf, letterOf, type ConnectionSpec } from '../specs';

/** A source's own icon, or its first letter. The name stands beside it: the picture says nothing of its own. */
export function SourceIcon({ spec }: { spec: ConnectionSpec }) {
  const address = iconOf(spec);
  if (address) return <img className="icon" src={address} alt="" width="40" height="40" loading="lazy" />;
  const { letter, hue } = letterOf(labelOf(spec));
  return <span className={`icon letter hue-${hue}`} aria-hidden="true">{letter}</span>;
}

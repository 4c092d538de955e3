import { outOfForm } from './prepared';

/** "clientSecret" as people write it. */
export function worded(name: string): string {
  const words = outOfForm(name).replace(/[_-]+/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

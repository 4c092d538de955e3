// Only the server of `headwater source dev` has a folder, and asking any other for one is an error: a tab that has seen it remembers.
const key = 'headwater.source-folder';

export function rememberFolder(name: string) {
  try {
    sessionStorage.setItem(key, name);
  } catch {
    // There is no link to it then.
  }
}

/** The name of the source whose folder this server edits, if that is known. */
export function editedFolder(): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

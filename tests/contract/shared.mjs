export function compareWithShared() { return []; }

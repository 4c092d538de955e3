#pragma once

#include "base/result.h"

struct sqlite3;

namespace headwater::store::internal {

/// The name of a VFS of SQLite's, registered at the first call: the default one, but for the write-ahead log,
/// whose writes it gathers and gives to the system as one when SQLite syncs or reads the log. A commit of ten
/// pages is one write then instead of twenty (docs/decisions/0039).
///
/// Only for connections with synchronous=FULL: there SQLite syncs the log before any other connection learns
/// of the frames in it. An error of the system is answered by the sync (or the read) that met it, and what
/// the transaction wrote is not committed. Errors: storage, when SQLite does not take the VFS.
Result<const char*> gathered_wal_vfs();

/// To be called when a transaction of `database` has ended otherwise than by a commit: forgets what of it is
/// still held back. Written later it would stand where others have written their commits meanwhile.
void forget_gathered(sqlite3* database);

}  // namespace headwater::store::internal

# Sourced by the benchmarks that race a server of ours: starts programs, gets a token, measures rates.
# SECONDS_EACH, ROUNDS and BUILD change how long, how often and which build.
set -euo pipefail

build=${BUILD:-build/release} each=${SECONDS_EACH:-5} rounds=${ROUNDS:-3}
folder=$(mktemp -d "${TMPDIR:-/tmp}/headwater-bench-XXXXXX")
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$folder"' EXIT

# Starts a program and leaves the URL that it prints in $url and its process in $process.
start() {
  : >"$folder/out"
  "$@" >"$folder/out" 2>>"$folder/log" &
  process=$!
  for _ in $(seq 600); do
    url=$(sed -n 's/^listening on //p' "$folder/out")
    [ -n "$url" ] && return
    sleep 0.1
  done
  cat "$folder/log" >&2
  exit 1
}

# Starts our server on a new data directory: $server is its URL, ${headers[@]} what curl, wrk and h2load send.
start_server() {
  start "$@" "$build/headwater" serve --listen 127.0.0.1:0 --data-dir "$folder/data" --log-level error ${SERVE:-}
  server=$url server_process=$process
  local token
  token=$("$build/headwater" token --data-dir "$folder/data" --json)
  field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$token"; }
  headers=(-H "Authorization: Bearer $(field access_token)" -H "x-api-key: $(field client_id)"
    -H "x-gw-ims-org-id: $(field ims_org_id)" -H "x-sandbox-name: $(field sandbox_name)")
}

# POSTs a document to a path of the server and prints the answer.
post() { curl -sS --fail-with-body "${headers[@]}" -H 'content-type: application/json' -d "$2" "$server$1"; }
id_of() { sed -n 's/.*"id":"\([^"]*\)".*/\1/p'; }

# A wrk script that POSTs a document: post_script FILE BODY
post_script() {
  printf 'wrk.method = "POST"\nwrk.body = [[%s]]\nwrk.headers["content-type"] = "application/json"\n' "$2" >"$1"
}

# Requests a second, as wrk counts them; the rest of what it says is in $folder/wrk.
rate() { wrk -t 1 -d "$each" "$@" | tee "$folder/wrk" | sed -n 's/^Requests\/sec: *//p'; }
# Ends the benchmark when the last rate counted refusals.
all_answered() { ! grep -q 'Non-2xx' "$folder/wrk" || { cat "$folder/wrk" >&2; exit 1; }; }

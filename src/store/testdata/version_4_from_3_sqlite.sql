-- What tables of version 4 have that those of version 3 do not, as released.
CREATE INDEX runs_by_path_5 ON runs (scope, (CASE WHEN json_type(body, '$."flowId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."flowId"'), -9e999) END), created_at_ms, id);
CREATE INDEX runs_by_path_6 ON runs (scope, (COALESCE(lower(json_extract(body, '$."metrics"."statusSummary"."status"')), '')), created_at_ms, id);
PRAGMA user_version = 4;

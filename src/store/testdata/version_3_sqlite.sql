-- Tables of version 3, as released, with a few rows.
CREATE TABLE connection_specs (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
CREATE TABLE flow_specs (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
CREATE TABLE connections (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
INSERT INTO connections VALUES('c1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-c1"','{"name":"account","connectionSpec":{"id":"spec-1","version":"1.0"},"auth":{"specName":"Basic","params":{"password":"********"}}}');
CREATE TABLE source_connections (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
INSERT INTO source_connections VALUES('s1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-s1"','{"name":"source","baseConnectionId":"c1","params":{"columns":[{"name":"id"},{"name":"at"}]}}');
CREATE TABLE target_connections (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
CREATE TABLE flows (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
INSERT INTO flows VALUES('f1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-f1"','{"name":"flow","z":1.0,"sourceConnectionIds":["s1","s1"],"targetConnectionIds":["t1"],"transformations":[{"name":"Mapping","params":{"mappingId":"m1"}}]}');
CREATE TABLE runs (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
INSERT INTO runs VALUES('r1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','success','"e-r1"','{"flowId":"f1","metrics":{"durationSummary":{"startedAtUTC":5000},"statusSummary":{"status":"success"}},"state":"success"}');
CREATE TABLE mapping_sets (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
CREATE TABLE schemas (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
CREATE TABLE datasets (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
CREATE TABLE batches (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
CREATE TABLE secrets (owner text NOT NULL, name text NOT NULL, sealed text NOT NULL, PRIMARY KEY (owner, name));
INSERT INTO secrets VALUES('c1','/password','c2VhbGVk');
CREATE TABLE flow_timers (
      flow text PRIMARY KEY, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
      due_ns bigint, covered_ns bigint, current_run text, owner text);
INSERT INTO flow_timers VALUES('f1','AAAA@AdobeOrg','id-of-prod','prod',7,NULL,NULL,NULL);
CREATE TABLE organisations (id text PRIMARY KEY, name text NOT NULL, created_at_ms bigint NOT NULL);
INSERT INTO organisations VALUES('5444254F7CB2DBB68952A506@AdobeOrg','Headwater',1795580259015);
CREATE TABLE sandboxes (
      org text NOT NULL, name text NOT NULL, id text NOT NULL UNIQUE, title text NOT NULL, type text NOT NULL,
      created_at_ms bigint NOT NULL, PRIMARY KEY (org, name));
INSERT INTO sandboxes VALUES('5444254F7CB2DBB68952A506@AdobeOrg','prod','aabd7a7c-2e16-4620-a779-d535eb8683e7','Production','production',1795580259015);
CREATE TABLE clients (
      id text PRIMARY KEY, org text NOT NULL, secret_hash text NOT NULL, technical_account text NOT NULL,
      created_at_ms bigint NOT NULL);
INSERT INTO clients VALUES('client-1','5444254F7CB2DBB68952A506@AdobeOrg','hash','tech',1795580259016);
CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO settings VALUES('default_organisation','5444254F7CB2DBB68952A506@AdobeOrg');
CREATE TABLE servers (id text PRIMARY KEY, host text NOT NULL, beat bigint NOT NULL);
CREATE TABLE kept_answers (
      scope text NOT NULL, route text NOT NULL, idempotency_key text NOT NULL, fingerprint text NOT NULL,
      answer text NOT NULL, created_at_ms bigint NOT NULL, PRIMARY KEY (scope, route, idempotency_key));
CREATE TABLE source_connections_elements (
      e_path integer NOT NULL, e_value text NOT NULL, e_scope text NOT NULL, e_updated_at_ms bigint NOT NULL,
      e_id text NOT NULL, PRIMARY KEY (e_path, e_value, e_scope, e_updated_at_ms, e_id)) WITHOUT ROWID;
INSERT INTO source_connections_elements VALUES(0,'at','AAAA@AdobeOrg/id-of-prod',1001,'s1');
INSERT INTO source_connections_elements VALUES(0,'id','AAAA@AdobeOrg/id-of-prod',1001,'s1');
CREATE TABLE target_connections_elements (
      e_path integer NOT NULL, e_value text NOT NULL, e_scope text NOT NULL, e_updated_at_ms bigint NOT NULL,
      e_id text NOT NULL, PRIMARY KEY (e_path, e_value, e_scope, e_updated_at_ms, e_id)) WITHOUT ROWID;
CREATE TABLE flows_elements (
      e_path integer NOT NULL, e_value text NOT NULL, e_scope text NOT NULL, e_updated_at_ms bigint NOT NULL,
      e_id text NOT NULL, PRIMARY KEY (e_path, e_value, e_scope, e_updated_at_ms, e_id)) WITHOUT ROWID;
INSERT INTO flows_elements VALUES(0,'s1','AAAA@AdobeOrg/id-of-prod',1001,'f1');
INSERT INTO flows_elements VALUES(1,'t1','AAAA@AdobeOrg/id-of-prod',1001,'f1');
INSERT INTO flows_elements VALUES(7,'m1','AAAA@AdobeOrg/id-of-prod',1001,'f1');
INSERT INTO flows_elements VALUES(8,'Mapping','AAAA@AdobeOrg/id-of-prod',1001,'f1');
CREATE INDEX connection_specs_by_change ON connection_specs (scope, updated_at_ms, id);
CREATE INDEX connection_specs_by_creation ON connection_specs (scope, created_at_ms, id);
CREATE INDEX connection_specs_by_state ON connection_specs (scope, lower(state), updated_at_ms, id);
CREATE INDEX flow_specs_by_change ON flow_specs (scope, updated_at_ms, id);
CREATE INDEX flow_specs_by_creation ON flow_specs (scope, created_at_ms, id);
CREATE INDEX flow_specs_by_state ON flow_specs (scope, lower(state), updated_at_ms, id);
CREATE INDEX connections_by_change ON connections (scope, updated_at_ms, id);
CREATE INDEX connections_by_creation ON connections (scope, created_at_ms, id);
CREATE INDEX connections_by_state ON connections (scope, lower(state), updated_at_ms, id);
CREATE INDEX source_connections_by_change ON source_connections (scope, updated_at_ms, id);
CREATE INDEX source_connections_by_creation ON source_connections (scope, created_at_ms, id);
CREATE INDEX source_connections_by_state ON source_connections (scope, lower(state), updated_at_ms, id);
CREATE INDEX target_connections_by_change ON target_connections (scope, updated_at_ms, id);
CREATE INDEX target_connections_by_creation ON target_connections (scope, created_at_ms, id);
CREATE INDEX target_connections_by_state ON target_connections (scope, lower(state), updated_at_ms, id);
CREATE INDEX flows_by_change ON flows (scope, updated_at_ms, id);
CREATE INDEX flows_by_creation ON flows (scope, created_at_ms, id);
CREATE INDEX flows_by_state ON flows (scope, lower(state), updated_at_ms, id);
CREATE INDEX runs_by_change ON runs (scope, updated_at_ms, id);
CREATE INDEX runs_by_creation ON runs (scope, created_at_ms, id);
CREATE INDEX runs_by_state ON runs (scope, lower(state), updated_at_ms, id);
CREATE INDEX mapping_sets_by_change ON mapping_sets (scope, updated_at_ms, id);
CREATE INDEX mapping_sets_by_creation ON mapping_sets (scope, created_at_ms, id);
CREATE INDEX mapping_sets_by_state ON mapping_sets (scope, lower(state), updated_at_ms, id);
CREATE INDEX schemas_by_change ON schemas (scope, updated_at_ms, id);
CREATE INDEX schemas_by_creation ON schemas (scope, created_at_ms, id);
CREATE INDEX schemas_by_state ON schemas (scope, lower(state), updated_at_ms, id);
CREATE INDEX datasets_by_change ON datasets (scope, updated_at_ms, id);
CREATE INDEX datasets_by_creation ON datasets (scope, created_at_ms, id);
CREATE INDEX datasets_by_state ON datasets (scope, lower(state), updated_at_ms, id);
CREATE INDEX batches_by_change ON batches (scope, updated_at_ms, id);
CREATE INDEX batches_by_creation ON batches (scope, created_at_ms, id);
CREATE INDEX batches_by_state ON batches (scope, lower(state), updated_at_ms, id);
CREATE INDEX flow_timers_idle ON flow_timers (due_ns) WHERE current_run IS NULL;
CREATE INDEX flow_timers_claimed ON flow_timers (owner) WHERE current_run IS NOT NULL;
CREATE INDEX clients_of_organisation ON clients (org, created_at_ms);
CREATE INDEX kept_answers_by_age ON kept_answers (created_at_ms);
CREATE INDEX connection_specs_by_path_1 ON connection_specs (scope, (CASE WHEN json_type(body, '$."name"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."name"'), -9e999) END), updated_at_ms, id);
CREATE INDEX connection_specs_by_path_2 ON connection_specs (scope, (CASE WHEN json_type(body, '$."providerId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."providerId"'), -9e999) END), updated_at_ms, id);
CREATE INDEX flow_specs_by_path_1 ON flow_specs (scope, (CASE WHEN json_type(body, '$."name"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."name"'), -9e999) END), updated_at_ms, id);
CREATE INDEX flow_specs_by_path_2 ON flow_specs (scope, (CASE WHEN json_type(body, '$."providerId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."providerId"'), -9e999) END), updated_at_ms, id);
CREATE INDEX connections_by_path_1 ON connections (scope, (CASE WHEN json_type(body, '$."name"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."name"'), -9e999) END), updated_at_ms, id);
CREATE INDEX connections_by_path_2 ON connections (scope, (CASE WHEN json_type(body, '$."connectionSpec"."id"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."connectionSpec"."id"'), -9e999) END), updated_at_ms, id);
CREATE INDEX connections_by_path_3 ON connections (scope, (CASE WHEN json_type(body, '$."description"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."description"'), -9e999) END), updated_at_ms, id);
CREATE INDEX source_connections_by_path_1 ON source_connections (scope, (CASE WHEN json_type(body, '$."baseConnectionId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."baseConnectionId"'), -9e999) END), updated_at_ms, id);
CREATE INDEX source_connections_by_path_2 ON source_connections (scope, (CASE WHEN json_type(body, '$."params"."dataSetId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."params"."dataSetId"'), -9e999) END), updated_at_ms, id);
CREATE INDEX source_connections_by_path_3 ON source_connections (scope, (CASE WHEN json_type(body, '$."name"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."name"'), -9e999) END), updated_at_ms, id);
CREATE INDEX source_connections_by_path_4 ON source_connections (scope, (CASE WHEN json_type(body, '$."connectionSpec"."id"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."connectionSpec"."id"'), -9e999) END), updated_at_ms, id);
CREATE INDEX source_connections_elements_by_id ON source_connections_elements (e_id, e_scope);
CREATE TRIGGER source_connections_elements_insert AFTER INSERT ON source_connections BEGIN
INSERT INTO source_connections_elements SELECT DISTINCT 0, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."params"."columns"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"') = 'text';
END;
CREATE TRIGGER source_connections_elements_update AFTER UPDATE ON source_connections BEGIN
DELETE FROM source_connections_elements WHERE e_id = old.id AND e_scope = old.scope;
INSERT INTO source_connections_elements SELECT DISTINCT 0, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."params"."columns"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"') = 'text';
END;
CREATE TRIGGER source_connections_elements_delete AFTER DELETE ON source_connections BEGIN
DELETE FROM source_connections_elements WHERE e_id = old.id AND e_scope = old.scope;
END;
CREATE INDEX target_connections_by_path_1 ON target_connections (scope, (CASE WHEN json_type(body, '$."baseConnectionId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."baseConnectionId"'), -9e999) END), updated_at_ms, id);
CREATE INDEX target_connections_by_path_2 ON target_connections (scope, (CASE WHEN json_type(body, '$."params"."dataSetId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."params"."dataSetId"'), -9e999) END), updated_at_ms, id);
CREATE INDEX target_connections_by_path_3 ON target_connections (scope, (CASE WHEN json_type(body, '$."name"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."name"'), -9e999) END), updated_at_ms, id);
CREATE INDEX target_connections_by_path_4 ON target_connections (scope, (CASE WHEN json_type(body, '$."connectionSpec"."id"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."connectionSpec"."id"'), -9e999) END), updated_at_ms, id);
CREATE INDEX target_connections_elements_by_id ON target_connections_elements (e_id, e_scope);
CREATE TRIGGER target_connections_elements_insert AFTER INSERT ON target_connections BEGIN
INSERT INTO target_connections_elements SELECT DISTINCT 0, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."params"."columns"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"') = 'text';
END;
CREATE TRIGGER target_connections_elements_update AFTER UPDATE ON target_connections BEGIN
DELETE FROM target_connections_elements WHERE e_id = old.id AND e_scope = old.scope;
INSERT INTO target_connections_elements SELECT DISTINCT 0, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."params"."columns"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"') = 'text';
END;
CREATE TRIGGER target_connections_elements_delete AFTER DELETE ON target_connections BEGIN
DELETE FROM target_connections_elements WHERE e_id = old.id AND e_scope = old.scope;
END;
CREATE INDEX flows_by_path_1 ON flows (scope, (CASE WHEN json_type(body, '$."name"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."name"'), -9e999) END), updated_at_ms, id);
CREATE INDEX flows_by_path_2 ON flows (scope, (CASE WHEN json_type(body, '$."lastRunDetails"."startedAtUTC"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."lastRunDetails"."startedAtUTC"'), -9e999) END), updated_at_ms, id);
CREATE INDEX flows_by_path_3 ON flows (scope, (CASE WHEN json_type(body, '$."description"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."description"'), -9e999) END), updated_at_ms, id);
CREATE INDEX flows_by_path_4 ON flows (scope, (CASE WHEN json_type(body, '$."flowSpec"."id"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."flowSpec"."id"'), -9e999) END), updated_at_ms, id);
CREATE INDEX flows_by_path_5 ON flows (scope, (CASE WHEN json_type(body, '$."inheritedAttributes"."properties"."isDestinationFlow"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."inheritedAttributes"."properties"."isDestinationFlow"'), -9e999) END), updated_at_ms, id);
CREATE INDEX flows_by_path_6 ON flows (scope, (CASE WHEN json_type(body, '$."inheritedAttributes"."properties"."isSourceFlow"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."inheritedAttributes"."properties"."isSourceFlow"'), -9e999) END), updated_at_ms, id);
CREATE INDEX flows_elements_by_id ON flows_elements (e_id, e_scope);
CREATE TRIGGER flows_elements_insert AFTER INSERT ON flows BEGIN
INSERT INTO flows_elements SELECT DISTINCT 0, e.value, new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."sourceConnectionIds"') e WHERE typeof(e.key) = 'integer' AND e.type = 'text';
INSERT INTO flows_elements SELECT DISTINCT 1, e.value, new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."targetConnectionIds"') e WHERE typeof(e.key) = 'integer' AND e.type = 'text';
INSERT INTO flows_elements SELECT DISTINCT 2, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."sourceConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 3, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."targetConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 4, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."connectionSpec"."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."sourceConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."connectionSpec"."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 5, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."connectionSpec"."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."targetConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."connectionSpec"."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 6, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."baseConnection"."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."sourceConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."baseConnection"."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 7, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."params"."mappingId"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."transformations"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."params"."mappingId"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 8, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."transformations"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"') = 'text';
END;
CREATE TRIGGER flows_elements_update AFTER UPDATE ON flows BEGIN
DELETE FROM flows_elements WHERE e_id = old.id AND e_scope = old.scope;
INSERT INTO flows_elements SELECT DISTINCT 0, e.value, new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."sourceConnectionIds"') e WHERE typeof(e.key) = 'integer' AND e.type = 'text';
INSERT INTO flows_elements SELECT DISTINCT 1, e.value, new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."targetConnectionIds"') e WHERE typeof(e.key) = 'integer' AND e.type = 'text';
INSERT INTO flows_elements SELECT DISTINCT 2, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."sourceConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 3, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."targetConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 4, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."connectionSpec"."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."sourceConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."connectionSpec"."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 5, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."connectionSpec"."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."targetConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."connectionSpec"."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 6, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."baseConnection"."id"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."inheritedAttributes"."sourceConnections"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."baseConnection"."id"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 7, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."params"."mappingId"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."transformations"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."params"."mappingId"') = 'text';
INSERT INTO flows_elements SELECT DISTINCT 8, json_extract(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"'), new.scope, new.updated_at_ms, new.id FROM json_each(new.body, '$."transformations"') e WHERE typeof(e.key) = 'integer' AND json_type(CASE WHEN e.type IN ('object', 'array') THEN e.value END, '$."name"') = 'text';
END;
CREATE TRIGGER flows_elements_delete AFTER DELETE ON flows BEGIN
DELETE FROM flows_elements WHERE e_id = old.id AND e_scope = old.scope;
END;
CREATE INDEX runs_by_path_1 ON runs (scope, (CASE WHEN json_type(body, '$."flowId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."flowId"'), -9e999) END), updated_at_ms, id);
CREATE INDEX runs_by_path_2 ON runs (scope, (CASE WHEN json_type(body, '$."metrics"."durationSummary"."startedAtUTC"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."metrics"."durationSummary"."startedAtUTC"'), -9e999) END), updated_at_ms, id);
CREATE INDEX runs_by_path_3 ON runs (scope, (COALESCE(lower(json_extract(body, '$."metrics"."statusSummary"."status"')), '')), updated_at_ms, id);
CREATE INDEX runs_by_path_4 ON runs (scope, (CASE WHEN json_type(body, '$."flowId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."flowId"'), -9e999) END), (CASE WHEN json_type(body, '$."metrics"."durationSummary"."startedAtUTC"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."metrics"."durationSummary"."startedAtUTC"'), -9e999) END), updated_at_ms, id);
CREATE INDEX schemas_by_path_1 ON schemas (scope, (CASE WHEN json_type(body, '$."title"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."title"'), -9e999) END), updated_at_ms, id);
CREATE INDEX schemas_by_path_2 ON schemas (scope, (CASE WHEN json_type(body, '$."meta:altId"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."meta:altId"'), -9e999) END), updated_at_ms, id);
CREATE INDEX datasets_by_path_1 ON datasets (scope, (CASE WHEN json_type(body, '$."name"') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(json_extract(body, '$."name"'), -9e999) END), updated_at_ms, id);
PRAGMA user_version = 3;

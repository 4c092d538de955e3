-- Tables of version 1, as released, with a few rows.
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
CREATE TABLE source_connections (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
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
CREATE TABLE runs (
    id text NOT NULL, scope text NOT NULL, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
    created_client text NOT NULL, updated_client text NOT NULL, state text NOT NULL, etag text NOT NULL,
    body text NOT NULL, PRIMARY KEY (id, scope));
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
CREATE TABLE flow_timers (
      flow text PRIMARY KEY, org text NOT NULL, sandbox text NOT NULL, sandbox_name text NOT NULL,
      due_ns bigint, covered_ns bigint, current_run text, owner text);
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
CREATE INDEX connection_specs_by_change ON connection_specs (scope, updated_at_ms, id);
CREATE INDEX connection_specs_by_creation ON connection_specs (scope, created_at_ms, id);
CREATE INDEX connection_specs_by_state ON connection_specs (scope, lower(state), updated_at_ms, id);
CREATE INDEX connection_specs_by_member_1 ON connection_specs (scope, json_extract(body, '$."name"'), updated_at_ms, id);
CREATE INDEX connection_specs_by_member_2 ON connection_specs (scope, json_extract(body, '$."providerId"'), updated_at_ms, id);
CREATE INDEX flow_specs_by_change ON flow_specs (scope, updated_at_ms, id);
CREATE INDEX flow_specs_by_creation ON flow_specs (scope, created_at_ms, id);
CREATE INDEX flow_specs_by_state ON flow_specs (scope, lower(state), updated_at_ms, id);
CREATE INDEX flow_specs_by_member_1 ON flow_specs (scope, json_extract(body, '$."name"'), updated_at_ms, id);
CREATE INDEX flow_specs_by_member_2 ON flow_specs (scope, json_extract(body, '$."providerId"'), updated_at_ms, id);
CREATE INDEX connections_by_change ON connections (scope, updated_at_ms, id);
CREATE INDEX connections_by_creation ON connections (scope, created_at_ms, id);
CREATE INDEX connections_by_state ON connections (scope, lower(state), updated_at_ms, id);
CREATE INDEX connections_by_member_1 ON connections (scope, json_extract(body, '$."name"'), updated_at_ms, id);
CREATE INDEX connections_by_member_2 ON connections (scope, json_extract(body, '$."connectionSpec"."id"'), updated_at_ms, id);
CREATE INDEX source_connections_by_change ON source_connections (scope, updated_at_ms, id);
CREATE INDEX source_connections_by_creation ON source_connections (scope, created_at_ms, id);
CREATE INDEX source_connections_by_state ON source_connections (scope, lower(state), updated_at_ms, id);
CREATE INDEX source_connections_by_member_1 ON source_connections (scope, json_extract(body, '$."connectionSpec"."id"'), updated_at_ms, id);
CREATE INDEX source_connections_by_member_2 ON source_connections (scope, json_extract(body, '$."baseConnectionId"'), updated_at_ms, id);
CREATE INDEX source_connections_by_member_3 ON source_connections (scope, json_extract(body, '$."params"."dataSetId"'), updated_at_ms, id);
CREATE INDEX target_connections_by_change ON target_connections (scope, updated_at_ms, id);
CREATE INDEX target_connections_by_creation ON target_connections (scope, created_at_ms, id);
CREATE INDEX target_connections_by_state ON target_connections (scope, lower(state), updated_at_ms, id);
CREATE INDEX target_connections_by_member_1 ON target_connections (scope, json_extract(body, '$."connectionSpec"."id"'), updated_at_ms, id);
CREATE INDEX target_connections_by_member_2 ON target_connections (scope, json_extract(body, '$."baseConnectionId"'), updated_at_ms, id);
CREATE INDEX target_connections_by_member_3 ON target_connections (scope, json_extract(body, '$."params"."dataSetId"'), updated_at_ms, id);
CREATE INDEX flows_by_change ON flows (scope, updated_at_ms, id);
CREATE INDEX flows_by_creation ON flows (scope, created_at_ms, id);
CREATE INDEX flows_by_state ON flows (scope, lower(state), updated_at_ms, id);
CREATE INDEX flows_by_member_1 ON flows (scope, json_extract(body, '$."name"'), updated_at_ms, id);
CREATE INDEX flows_by_member_2 ON flows (scope, json_extract(body, '$."flowSpec"."id"'), updated_at_ms, id);
CREATE INDEX flows_by_member_3 ON flows (scope, json_extract(body, '$."lastRunDetails"."startedAtUTC"'), updated_at_ms, id);
CREATE INDEX flows_by_member_4 ON flows (scope, json_extract(body, '$."inheritedAttributes"."properties"."isSourceFlow"'), updated_at_ms, id);
CREATE INDEX runs_by_change ON runs (scope, updated_at_ms, id);
CREATE INDEX runs_by_creation ON runs (scope, created_at_ms, id);
CREATE INDEX runs_by_state ON runs (scope, lower(state), updated_at_ms, id);
CREATE INDEX runs_by_member_1 ON runs (scope, json_extract(body, '$."flowId"'), updated_at_ms, id);
CREATE INDEX runs_by_member_2 ON runs (scope, json_extract(body, '$."metrics"."durationSummary"."startedAtUTC"'), updated_at_ms, id);
CREATE INDEX runs_by_member_3 ON runs (scope, lower(json_extract(body, '$."metrics"."statusSummary"."status"')), updated_at_ms, id);
CREATE INDEX mapping_sets_by_change ON mapping_sets (scope, updated_at_ms, id);
CREATE INDEX mapping_sets_by_creation ON mapping_sets (scope, created_at_ms, id);
CREATE INDEX mapping_sets_by_state ON mapping_sets (scope, lower(state), updated_at_ms, id);
CREATE INDEX schemas_by_change ON schemas (scope, updated_at_ms, id);
CREATE INDEX schemas_by_creation ON schemas (scope, created_at_ms, id);
CREATE INDEX schemas_by_state ON schemas (scope, lower(state), updated_at_ms, id);
CREATE INDEX schemas_by_member_1 ON schemas (scope, json_extract(body, '$."title"'), updated_at_ms, id);
CREATE INDEX schemas_by_member_2 ON schemas (scope, json_extract(body, '$."meta:altId"'), updated_at_ms, id);
CREATE INDEX datasets_by_change ON datasets (scope, updated_at_ms, id);
CREATE INDEX datasets_by_creation ON datasets (scope, created_at_ms, id);
CREATE INDEX datasets_by_state ON datasets (scope, lower(state), updated_at_ms, id);
CREATE INDEX datasets_by_member_1 ON datasets (scope, json_extract(body, '$."name"'), updated_at_ms, id);
CREATE INDEX batches_by_change ON batches (scope, updated_at_ms, id);
CREATE INDEX batches_by_creation ON batches (scope, created_at_ms, id);
CREATE INDEX batches_by_state ON batches (scope, lower(state), updated_at_ms, id);
CREATE INDEX flow_timers_idle ON flow_timers (due_ns) WHERE current_run IS NULL;
CREATE INDEX flow_timers_claimed ON flow_timers (owner) WHERE current_run IS NOT NULL;
CREATE INDEX clients_of_organisation ON clients (org, created_at_ms);
INSERT INTO connections VALUES('c1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-c1"','{"name":"account","connectionSpec":{"id":"spec-1","version":"1.0"},"auth":{"specName":"Basic","params":{"password":"********"}}}');
INSERT INTO source_connections VALUES('s1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-s1"','{"name":"source","baseConnectionId":"c1","params":{"columns":[{"name":"id"},{"name":"at"}]}}');
INSERT INTO flows VALUES('f1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-f1"','{"name":"flow","z":1.0,"sourceConnectionIds":["s1","s1"],"targetConnectionIds":["t1"],"transformations":[{"name":"Mapping","params":{"mappingId":"m1"}}]}');
INSERT INTO runs VALUES('r1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','success','"e-r1"','{"flowId":"f1","metrics":{"durationSummary":{"startedAtUTC":5000},"statusSummary":{"status":"success"}},"state":"success"}');
INSERT INTO secrets VALUES('c1','/password','c2VhbGVk');
INSERT INTO flow_timers VALUES('f1','AAAA@AdobeOrg','id-of-prod','prod',7,NULL,NULL,NULL);
PRAGMA user_version = 1;

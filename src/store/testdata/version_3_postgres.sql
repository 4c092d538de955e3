-- Tables of version 3, as released, with a few rows.
CREATE FUNCTION public.flows_elements_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
IF TG_OP <> 'INSERT' THEN DELETE FROM flows_elements WHERE e_id = old.id AND e_scope = old.scope;
END IF;
IF TG_OP <> 'DELETE' THEN INSERT INTO flows_elements SELECT DISTINCT 0, e.v #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"sourceConnectionIds"}')) WHEN 'array' THEN (new.doc #> '{"sourceConnectionIds"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof(e.v) = 'string';
INSERT INTO flows_elements SELECT DISTINCT 1, e.v #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"targetConnectionIds"}')) WHEN 'array' THEN (new.doc #> '{"targetConnectionIds"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof(e.v) = 'string';
INSERT INTO flows_elements SELECT DISTINCT 2, (e.v #> '{"id"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"inheritedAttributes","sourceConnections"}')) WHEN 'array' THEN (new.doc #> '{"inheritedAttributes","sourceConnections"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"id"}')) = 'string';
INSERT INTO flows_elements SELECT DISTINCT 3, (e.v #> '{"id"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"inheritedAttributes","targetConnections"}')) WHEN 'array' THEN (new.doc #> '{"inheritedAttributes","targetConnections"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"id"}')) = 'string';
INSERT INTO flows_elements SELECT DISTINCT 4, (e.v #> '{"connectionSpec","id"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"inheritedAttributes","sourceConnections"}')) WHEN 'array' THEN (new.doc #> '{"inheritedAttributes","sourceConnections"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"connectionSpec","id"}')) = 'string';
INSERT INTO flows_elements SELECT DISTINCT 5, (e.v #> '{"connectionSpec","id"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"inheritedAttributes","targetConnections"}')) WHEN 'array' THEN (new.doc #> '{"inheritedAttributes","targetConnections"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"connectionSpec","id"}')) = 'string';
INSERT INTO flows_elements SELECT DISTINCT 6, (e.v #> '{"baseConnection","id"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"inheritedAttributes","sourceConnections"}')) WHEN 'array' THEN (new.doc #> '{"inheritedAttributes","sourceConnections"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"baseConnection","id"}')) = 'string';
INSERT INTO flows_elements SELECT DISTINCT 7, (e.v #> '{"params","mappingId"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"transformations"}')) WHEN 'array' THEN (new.doc #> '{"transformations"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"params","mappingId"}')) = 'string';
INSERT INTO flows_elements SELECT DISTINCT 8, (e.v #> '{"name"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"transformations"}')) WHEN 'array' THEN (new.doc #> '{"transformations"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"name"}')) = 'string';
END IF;
RETURN NULL; END $$;
CREATE FUNCTION public.source_connections_elements_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
IF TG_OP <> 'INSERT' THEN DELETE FROM source_connections_elements WHERE e_id = old.id AND e_scope = old.scope;
END IF;
IF TG_OP <> 'DELETE' THEN INSERT INTO source_connections_elements SELECT DISTINCT 0, (e.v #> '{"name"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"params","columns"}')) WHEN 'array' THEN (new.doc #> '{"params","columns"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"name"}')) = 'string';
END IF;
RETURN NULL; END $$;
CREATE FUNCTION public.target_connections_elements_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
IF TG_OP <> 'INSERT' THEN DELETE FROM target_connections_elements WHERE e_id = old.id AND e_scope = old.scope;
END IF;
IF TG_OP <> 'DELETE' THEN INSERT INTO target_connections_elements SELECT DISTINCT 0, (e.v #> '{"name"}') #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE jsonb_typeof((new.doc #> '{"params","columns"}')) WHEN 'array' THEN (new.doc #> '{"params","columns"}') ELSE '[]'::jsonb END) e(v) WHERE jsonb_typeof((e.v #> '{"name"}')) = 'string';
END IF;
RETURN NULL; END $$;
CREATE TABLE public.batches (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.clients (
    id text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    secret_hash text NOT NULL COLLATE pg_catalog."C",
    technical_account text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL
);
CREATE TABLE public.connection_specs (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.connections (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.datasets (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.flow_specs (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.flow_timers (
    flow text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    due_ns bigint,
    covered_ns bigint,
    current_run text COLLATE pg_catalog."C",
    owner text COLLATE pg_catalog."C"
);
CREATE TABLE public.flows (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.flows_elements (
    e_path integer NOT NULL,
    e_value text NOT NULL COLLATE pg_catalog."C",
    e_scope text NOT NULL COLLATE pg_catalog."C",
    e_updated_at_ms bigint NOT NULL,
    e_id text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.headwater_schema (
    version bigint NOT NULL
);
CREATE TABLE public.kept_answers (
    scope text NOT NULL COLLATE pg_catalog."C",
    route text NOT NULL COLLATE pg_catalog."C",
    idempotency_key text NOT NULL COLLATE pg_catalog."C",
    fingerprint text NOT NULL COLLATE pg_catalog."C",
    answer text NOT NULL,
    created_at_ms bigint NOT NULL
);
CREATE TABLE public.mapping_sets (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.organisations (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL
);
CREATE TABLE public.runs (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.sandboxes (
    org text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL
);
CREATE TABLE public.schemas (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.secrets (
    owner text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    sealed text NOT NULL
);
CREATE TABLE public.servers (
    id text NOT NULL COLLATE pg_catalog."C",
    host text NOT NULL COLLATE pg_catalog."C",
    beat bigint NOT NULL
);
CREATE TABLE public.settings (
    name text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL
);
CREATE TABLE public.source_connections (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.source_connections_elements (
    e_path integer NOT NULL,
    e_value text NOT NULL COLLATE pg_catalog."C",
    e_scope text NOT NULL COLLATE pg_catalog."C",
    e_updated_at_ms bigint NOT NULL,
    e_id text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.target_connections (
    id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    org text NOT NULL COLLATE pg_catalog."C",
    sandbox text NOT NULL COLLATE pg_catalog."C",
    sandbox_name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    created_client text NOT NULL COLLATE pg_catalog."C",
    updated_client text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    doc jsonb NOT NULL
);
CREATE TABLE public.target_connections_elements (
    e_path integer NOT NULL,
    e_value text NOT NULL COLLATE pg_catalog."C",
    e_scope text NOT NULL COLLATE pg_catalog."C",
    e_updated_at_ms bigint NOT NULL,
    e_id text NOT NULL COLLATE pg_catalog."C"
);
INSERT INTO public.clients VALUES ('client-1', 'FA76FEAFD66411E7DA2FBAFA@AdobeOrg', 'hash', 'tech', 1795580262365);
INSERT INTO public.connections VALUES ('c1', 'AAAA@AdobeOrg/id-of-prod', 'AAAA@AdobeOrg', 'id-of-prod', 'prod', 1000, 1001, 'u', 'u', 'cl', 'cl', 'enabled', '"e-c1"', '{"name":"account","connectionSpec":{"id":"spec-1","version":"1.0"},"auth":{"specName":"Basic","params":{"password":"********"}}}', '{"auth": {"params": {"password": "********"}, "specName": "Basic"}, "name": "account", "connectionSpec": {"id": "spec-1", "version": "1.0"}}');
INSERT INTO public.flow_timers VALUES ('f1', 'AAAA@AdobeOrg', 'id-of-prod', 'prod', 7, NULL, NULL, NULL);
INSERT INTO public.flows VALUES ('f1', 'AAAA@AdobeOrg/id-of-prod', 'AAAA@AdobeOrg', 'id-of-prod', 'prod', 1000, 1001, 'u', 'u', 'cl', 'cl', 'enabled', '"e-f1"', '{"name":"flow","z":1.0,"sourceConnectionIds":["s1","s1"],"targetConnectionIds":["t1"],"transformations":[{"name":"Mapping","params":{"mappingId":"m1"}}]}', '{"z": 1.0, "name": "flow", "transformations": [{"name": "Mapping", "params": {"mappingId": "m1"}}], "sourceConnectionIds": ["s1", "s1"], "targetConnectionIds": ["t1"]}');
INSERT INTO public.flows_elements VALUES (0, 's1', 'AAAA@AdobeOrg/id-of-prod', 1001, 'f1');
INSERT INTO public.flows_elements VALUES (1, 't1', 'AAAA@AdobeOrg/id-of-prod', 1001, 'f1');
INSERT INTO public.flows_elements VALUES (7, 'm1', 'AAAA@AdobeOrg/id-of-prod', 1001, 'f1');
INSERT INTO public.flows_elements VALUES (8, 'Mapping', 'AAAA@AdobeOrg/id-of-prod', 1001, 'f1');
INSERT INTO public.headwater_schema VALUES (3);
INSERT INTO public.organisations VALUES ('FA76FEAFD66411E7DA2FBAFA@AdobeOrg', 'Headwater', 1795580262353);
INSERT INTO public.runs VALUES ('r1', 'AAAA@AdobeOrg/id-of-prod', 'AAAA@AdobeOrg', 'id-of-prod', 'prod', 1000, 1001, 'u', 'u', 'cl', 'cl', 'success', '"e-r1"', '{"flowId":"f1","metrics":{"durationSummary":{"startedAtUTC":5000},"statusSummary":{"status":"success"}},"state":"success"}', '{"state": "success", "flowId": "f1", "metrics": {"statusSummary": {"status": "success"}, "durationSummary": {"startedAtUTC": 5000}}}');
INSERT INTO public.sandboxes VALUES ('FA76FEAFD66411E7DA2FBAFA@AdobeOrg', 'prod', 'e3a604dc-7516-40fb-ac44-628274e227bc', 'Production', 'production', 1795580262353);
INSERT INTO public.secrets VALUES ('c1', '/password', 'c2VhbGVk');
INSERT INTO public.settings VALUES ('default_organisation', 'FA76FEAFD66411E7DA2FBAFA@AdobeOrg');
INSERT INTO public.source_connections VALUES ('s1', 'AAAA@AdobeOrg/id-of-prod', 'AAAA@AdobeOrg', 'id-of-prod', 'prod', 1000, 1001, 'u', 'u', 'cl', 'cl', 'enabled', '"e-s1"', '{"name":"source","baseConnectionId":"c1","params":{"columns":[{"name":"id"},{"name":"at"}]}}', '{"name": "source", "params": {"columns": [{"name": "id"}, {"name": "at"}]}, "baseConnectionId": "c1"}');
INSERT INTO public.source_connections_elements VALUES (0, 'at', 'AAAA@AdobeOrg/id-of-prod', 1001, 's1');
INSERT INTO public.source_connections_elements VALUES (0, 'id', 'AAAA@AdobeOrg/id-of-prod', 1001, 's1');
ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.connection_specs
    ADD CONSTRAINT connection_specs_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.datasets
    ADD CONSTRAINT datasets_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.flow_specs
    ADD CONSTRAINT flow_specs_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.flow_timers
    ADD CONSTRAINT flow_timers_pkey PRIMARY KEY (flow);
ALTER TABLE ONLY public.flows_elements
    ADD CONSTRAINT flows_elements_pkey PRIMARY KEY (e_path, e_value, e_scope, e_updated_at_ms, e_id);
ALTER TABLE ONLY public.flows
    ADD CONSTRAINT flows_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.kept_answers
    ADD CONSTRAINT kept_answers_pkey PRIMARY KEY (scope, route, idempotency_key);
ALTER TABLE ONLY public.mapping_sets
    ADD CONSTRAINT mapping_sets_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.organisations
    ADD CONSTRAINT organisations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.sandboxes
    ADD CONSTRAINT sandboxes_id_key UNIQUE (id);
ALTER TABLE ONLY public.sandboxes
    ADD CONSTRAINT sandboxes_pkey PRIMARY KEY (org, name);
ALTER TABLE ONLY public.schemas
    ADD CONSTRAINT schemas_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (owner, name);
ALTER TABLE ONLY public.servers
    ADD CONSTRAINT servers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.source_connections_elements
    ADD CONSTRAINT source_connections_elements_pkey PRIMARY KEY (e_path, e_value, e_scope, e_updated_at_ms, e_id);
ALTER TABLE ONLY public.source_connections
    ADD CONSTRAINT source_connections_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.target_connections_elements
    ADD CONSTRAINT target_connections_elements_pkey PRIMARY KEY (e_path, e_value, e_scope, e_updated_at_ms, e_id);
ALTER TABLE ONLY public.target_connections
    ADD CONSTRAINT target_connections_pkey PRIMARY KEY (id, scope);
CREATE INDEX batches_by_change ON public.batches USING btree (scope, updated_at_ms, id);
CREATE INDEX batches_by_creation ON public.batches USING btree (scope, created_at_ms, id);
CREATE INDEX batches_by_state ON public.batches USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX clients_of_organisation ON public.clients USING btree (org, created_at_ms);
CREATE INDEX connection_specs_by_change ON public.connection_specs USING btree (scope, updated_at_ms, id);
CREATE INDEX connection_specs_by_creation ON public.connection_specs USING btree (scope, created_at_ms, id);
CREATE INDEX connection_specs_by_path_1 ON public.connection_specs USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{name}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{name}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX connection_specs_by_path_2 ON public.connection_specs USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{providerId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{providerId}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX connection_specs_by_state ON public.connection_specs USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX connections_by_change ON public.connections USING btree (scope, updated_at_ms, id);
CREATE INDEX connections_by_creation ON public.connections USING btree (scope, created_at_ms, id);
CREATE INDEX connections_by_path_1 ON public.connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{name}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{name}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX connections_by_path_2 ON public.connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{connectionSpec,id}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{connectionSpec,id}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX connections_by_path_3 ON public.connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{description}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{description}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX connections_by_state ON public.connections USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX datasets_by_change ON public.datasets USING btree (scope, updated_at_ms, id);
CREATE INDEX datasets_by_creation ON public.datasets USING btree (scope, created_at_ms, id);
CREATE INDEX datasets_by_path_1 ON public.datasets USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{name}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{name}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX datasets_by_state ON public.datasets USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX flow_specs_by_change ON public.flow_specs USING btree (scope, updated_at_ms, id);
CREATE INDEX flow_specs_by_creation ON public.flow_specs USING btree (scope, created_at_ms, id);
CREATE INDEX flow_specs_by_path_1 ON public.flow_specs USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{name}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{name}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX flow_specs_by_path_2 ON public.flow_specs USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{providerId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{providerId}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX flow_specs_by_state ON public.flow_specs USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX flow_timers_claimed ON public.flow_timers USING btree (owner) WHERE (current_run IS NOT NULL);
CREATE INDEX flow_timers_idle ON public.flow_timers USING btree (due_ns) WHERE (current_run IS NULL);
CREATE INDEX flows_by_change ON public.flows USING btree (scope, updated_at_ms, id);
CREATE INDEX flows_by_creation ON public.flows USING btree (scope, created_at_ms, id);
CREATE INDEX flows_by_path_1 ON public.flows USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{name}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{name}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX flows_by_path_2 ON public.flows USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{lastRunDetails,startedAtUTC}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{lastRunDetails,startedAtUTC}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX flows_by_path_3 ON public.flows USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{description}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{description}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX flows_by_path_4 ON public.flows USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{flowSpec,id}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{flowSpec,id}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX flows_by_path_5 ON public.flows USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{inheritedAttributes,properties,isDestinationFlow}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{inheritedAttributes,properties,isDestinationFlow}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX flows_by_path_6 ON public.flows USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{inheritedAttributes,properties,isSourceFlow}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{inheritedAttributes,properties,isSourceFlow}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX flows_by_state ON public.flows USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX flows_elements_by_id ON public.flows_elements USING btree (e_id, e_scope);
CREATE INDEX kept_answers_by_age ON public.kept_answers USING btree (created_at_ms);
CREATE INDEX mapping_sets_by_change ON public.mapping_sets USING btree (scope, updated_at_ms, id);
CREATE INDEX mapping_sets_by_creation ON public.mapping_sets USING btree (scope, created_at_ms, id);
CREATE INDEX mapping_sets_by_state ON public.mapping_sets USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX runs_by_change ON public.runs USING btree (scope, updated_at_ms, id);
CREATE INDEX runs_by_creation ON public.runs USING btree (scope, created_at_ms, id);
CREATE INDEX runs_by_path_1 ON public.runs USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{flowId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{flowId}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX runs_by_path_2 ON public.runs USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{metrics,durationSummary,startedAtUTC}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{metrics,durationSummary,startedAtUTC}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX runs_by_path_3 ON public.runs USING btree (scope, COALESCE(lower(((doc #>> '{metrics,statusSummary,status}'::text[]) COLLATE "C")), ''::text), updated_at_ms, id);
CREATE INDEX runs_by_path_4 ON public.runs USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{flowId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{flowId}'::text[]), 'null'::jsonb)
END), (
CASE
    WHEN (jsonb_typeof((doc #> '{metrics,durationSummary,startedAtUTC}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{metrics,durationSummary,startedAtUTC}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX runs_by_state ON public.runs USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX schemas_by_change ON public.schemas USING btree (scope, updated_at_ms, id);
CREATE INDEX schemas_by_creation ON public.schemas USING btree (scope, created_at_ms, id);
CREATE INDEX schemas_by_path_1 ON public.schemas USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{title}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{title}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX schemas_by_path_2 ON public.schemas USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{meta:altId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{meta:altId}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX schemas_by_state ON public.schemas USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX source_connections_by_change ON public.source_connections USING btree (scope, updated_at_ms, id);
CREATE INDEX source_connections_by_creation ON public.source_connections USING btree (scope, created_at_ms, id);
CREATE INDEX source_connections_by_path_1 ON public.source_connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{baseConnectionId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{baseConnectionId}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX source_connections_by_path_2 ON public.source_connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{params,dataSetId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{params,dataSetId}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX source_connections_by_path_3 ON public.source_connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{name}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{name}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX source_connections_by_path_4 ON public.source_connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{connectionSpec,id}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{connectionSpec,id}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX source_connections_by_state ON public.source_connections USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX source_connections_elements_by_id ON public.source_connections_elements USING btree (e_id, e_scope);
CREATE INDEX target_connections_by_change ON public.target_connections USING btree (scope, updated_at_ms, id);
CREATE INDEX target_connections_by_creation ON public.target_connections USING btree (scope, created_at_ms, id);
CREATE INDEX target_connections_by_path_1 ON public.target_connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{baseConnectionId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{baseConnectionId}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX target_connections_by_path_2 ON public.target_connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{params,dataSetId}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{params,dataSetId}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX target_connections_by_path_3 ON public.target_connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{name}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{name}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX target_connections_by_path_4 ON public.target_connections USING btree (scope, (
CASE
    WHEN (jsonb_typeof((doc #> '{connectionSpec,id}'::text[])) = ANY (ARRAY['object'::text, 'array'::text])) THEN 'null'::jsonb
    ELSE COALESCE((doc #> '{connectionSpec,id}'::text[]), 'null'::jsonb)
END), updated_at_ms, id);
CREATE INDEX target_connections_by_state ON public.target_connections USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX target_connections_elements_by_id ON public.target_connections_elements USING btree (e_id, e_scope);
CREATE TRIGGER flows_elements_keep AFTER INSERT OR DELETE OR UPDATE ON public.flows FOR EACH ROW EXECUTE FUNCTION public.flows_elements_keep();
CREATE TRIGGER source_connections_elements_keep AFTER INSERT OR DELETE OR UPDATE ON public.source_connections FOR EACH ROW EXECUTE FUNCTION public.source_connections_elements_keep();
CREATE TRIGGER target_connections_elements_keep AFTER INSERT OR DELETE OR UPDATE ON public.target_connections FOR EACH ROW EXECUTE FUNCTION public.target_connections_elements_keep();

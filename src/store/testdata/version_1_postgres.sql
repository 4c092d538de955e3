-- Tables of version 1, as released, with a few rows.
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
CREATE TABLE public.headwater_schema (
    version bigint NOT NULL
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
INSERT INTO public.clients VALUES ('client-1', 'FA76FEAFD66411E7DA2FBAFA@AdobeOrg', 'hash', 'tech', 1795580262365);
INSERT INTO public.headwater_schema VALUES (1);
INSERT INTO public.organisations VALUES ('FA76FEAFD66411E7DA2FBAFA@AdobeOrg', 'Headwater', 1795580262353);
INSERT INTO public.sandboxes VALUES ('FA76FEAFD66411E7DA2FBAFA@AdobeOrg', 'prod', 'e3a604dc-7516-40fb-ac44-628274e227bc', 'Production', 'production', 1795580262353);
INSERT INTO public.settings VALUES ('default_organisation', 'FA76FEAFD66411E7DA2FBAFA@AdobeOrg');
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
ALTER TABLE ONLY public.flows
    ADD CONSTRAINT flows_pkey PRIMARY KEY (id, scope);
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
ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.source_connections
    ADD CONSTRAINT source_connections_pkey PRIMARY KEY (id, scope);
ALTER TABLE ONLY public.target_connections
    ADD CONSTRAINT target_connections_pkey PRIMARY KEY (id, scope);
CREATE INDEX batches_by_change ON public.batches USING btree (scope, updated_at_ms, id);
CREATE INDEX batches_by_creation ON public.batches USING btree (scope, created_at_ms, id);
CREATE INDEX batches_by_state ON public.batches USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX clients_of_organisation ON public.clients USING btree (org, created_at_ms);
CREATE INDEX connection_specs_by_change ON public.connection_specs USING btree (scope, updated_at_ms, id);
CREATE INDEX connection_specs_by_creation ON public.connection_specs USING btree (scope, created_at_ms, id);
CREATE INDEX connection_specs_by_member_1 ON public.connection_specs USING btree (scope, ((doc #> '{name}'::text[])), updated_at_ms, id);
CREATE INDEX connection_specs_by_member_2 ON public.connection_specs USING btree (scope, ((doc #> '{providerId}'::text[])), updated_at_ms, id);
CREATE INDEX connection_specs_by_state ON public.connection_specs USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX connections_by_change ON public.connections USING btree (scope, updated_at_ms, id);
CREATE INDEX connections_by_creation ON public.connections USING btree (scope, created_at_ms, id);
CREATE INDEX connections_by_member_1 ON public.connections USING btree (scope, ((doc #> '{name}'::text[])), updated_at_ms, id);
CREATE INDEX connections_by_member_2 ON public.connections USING btree (scope, ((doc #> '{connectionSpec,id}'::text[])), updated_at_ms, id);
CREATE INDEX connections_by_state ON public.connections USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX datasets_by_change ON public.datasets USING btree (scope, updated_at_ms, id);
CREATE INDEX datasets_by_creation ON public.datasets USING btree (scope, created_at_ms, id);
CREATE INDEX datasets_by_member_1 ON public.datasets USING btree (scope, ((doc #> '{name}'::text[])), updated_at_ms, id);
CREATE INDEX datasets_by_state ON public.datasets USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX flow_specs_by_change ON public.flow_specs USING btree (scope, updated_at_ms, id);
CREATE INDEX flow_specs_by_creation ON public.flow_specs USING btree (scope, created_at_ms, id);
CREATE INDEX flow_specs_by_member_1 ON public.flow_specs USING btree (scope, ((doc #> '{name}'::text[])), updated_at_ms, id);
CREATE INDEX flow_specs_by_member_2 ON public.flow_specs USING btree (scope, ((doc #> '{providerId}'::text[])), updated_at_ms, id);
CREATE INDEX flow_specs_by_state ON public.flow_specs USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX flow_timers_claimed ON public.flow_timers USING btree (owner) WHERE (current_run IS NOT NULL);
CREATE INDEX flow_timers_idle ON public.flow_timers USING btree (due_ns) WHERE (current_run IS NULL);
CREATE INDEX flows_by_change ON public.flows USING btree (scope, updated_at_ms, id);
CREATE INDEX flows_by_creation ON public.flows USING btree (scope, created_at_ms, id);
CREATE INDEX flows_by_member_1 ON public.flows USING btree (scope, ((doc #> '{name}'::text[])), updated_at_ms, id);
CREATE INDEX flows_by_member_2 ON public.flows USING btree (scope, ((doc #> '{flowSpec,id}'::text[])), updated_at_ms, id);
CREATE INDEX flows_by_member_3 ON public.flows USING btree (scope, ((doc #> '{lastRunDetails,startedAtUTC}'::text[])), updated_at_ms, id);
CREATE INDEX flows_by_member_4 ON public.flows USING btree (scope, ((doc #> '{inheritedAttributes,properties,isSourceFlow}'::text[])), updated_at_ms, id);
CREATE INDEX flows_by_state ON public.flows USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX mapping_sets_by_change ON public.mapping_sets USING btree (scope, updated_at_ms, id);
CREATE INDEX mapping_sets_by_creation ON public.mapping_sets USING btree (scope, created_at_ms, id);
CREATE INDEX mapping_sets_by_state ON public.mapping_sets USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX runs_by_change ON public.runs USING btree (scope, updated_at_ms, id);
CREATE INDEX runs_by_creation ON public.runs USING btree (scope, created_at_ms, id);
CREATE INDEX runs_by_member_1 ON public.runs USING btree (scope, ((doc #> '{flowId}'::text[])), updated_at_ms, id);
CREATE INDEX runs_by_member_2 ON public.runs USING btree (scope, ((doc #> '{metrics,durationSummary,startedAtUTC}'::text[])), updated_at_ms, id);
CREATE INDEX runs_by_member_3 ON public.runs USING btree (scope, lower((doc #>> '{metrics,statusSummary,status}'::text[])), updated_at_ms, id);
CREATE INDEX runs_by_state ON public.runs USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX schemas_by_change ON public.schemas USING btree (scope, updated_at_ms, id);
CREATE INDEX schemas_by_creation ON public.schemas USING btree (scope, created_at_ms, id);
CREATE INDEX schemas_by_member_1 ON public.schemas USING btree (scope, ((doc #> '{title}'::text[])), updated_at_ms, id);
CREATE INDEX schemas_by_member_2 ON public.schemas USING btree (scope, ((doc #> '{meta:altId}'::text[])), updated_at_ms, id);
CREATE INDEX schemas_by_state ON public.schemas USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX source_connections_by_change ON public.source_connections USING btree (scope, updated_at_ms, id);
CREATE INDEX source_connections_by_creation ON public.source_connections USING btree (scope, created_at_ms, id);
CREATE INDEX source_connections_by_member_1 ON public.source_connections USING btree (scope, ((doc #> '{connectionSpec,id}'::text[])), updated_at_ms, id);
CREATE INDEX source_connections_by_member_2 ON public.source_connections USING btree (scope, ((doc #> '{baseConnectionId}'::text[])), updated_at_ms, id);
CREATE INDEX source_connections_by_member_3 ON public.source_connections USING btree (scope, ((doc #> '{params,dataSetId}'::text[])), updated_at_ms, id);
CREATE INDEX source_connections_by_state ON public.source_connections USING btree (scope, lower(state), updated_at_ms, id);
CREATE INDEX target_connections_by_change ON public.target_connections USING btree (scope, updated_at_ms, id);
CREATE INDEX target_connections_by_creation ON public.target_connections USING btree (scope, created_at_ms, id);
CREATE INDEX target_connections_by_member_1 ON public.target_connections USING btree (scope, ((doc #> '{connectionSpec,id}'::text[])), updated_at_ms, id);
CREATE INDEX target_connections_by_member_2 ON public.target_connections USING btree (scope, ((doc #> '{baseConnectionId}'::text[])), updated_at_ms, id);
CREATE INDEX target_connections_by_member_3 ON public.target_connections USING btree (scope, ((doc #> '{params,dataSetId}'::text[])), updated_at_ms, id);
CREATE INDEX target_connections_by_state ON public.target_connections USING btree (scope, lower(state), updated_at_ms, id);
INSERT INTO connections VALUES('c1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-c1"','{"name":"account","connectionSpec":{"id":"spec-1","version":"1.0"},"auth":{"specName":"Basic","params":{"password":"********"}}}','{"name":"account","connectionSpec":{"id":"spec-1","version":"1.0"},"auth":{"specName":"Basic","params":{"password":"********"}}}');
INSERT INTO source_connections VALUES('s1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-s1"','{"name":"source","baseConnectionId":"c1","params":{"columns":[{"name":"id"},{"name":"at"}]}}','{"name":"source","baseConnectionId":"c1","params":{"columns":[{"name":"id"},{"name":"at"}]}}');
INSERT INTO flows VALUES('f1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','enabled','"e-f1"','{"name":"flow","z":1.0,"sourceConnectionIds":["s1","s1"],"targetConnectionIds":["t1"],"transformations":[{"name":"Mapping","params":{"mappingId":"m1"}}]}','{"name":"flow","z":1.0,"sourceConnectionIds":["s1","s1"],"targetConnectionIds":["t1"],"transformations":[{"name":"Mapping","params":{"mappingId":"m1"}}]}');
INSERT INTO runs VALUES('r1','AAAA@AdobeOrg/id-of-prod','AAAA@AdobeOrg','id-of-prod','prod',1000,1001,'u','u','cl','cl','success','"e-r1"','{"flowId":"f1","metrics":{"durationSummary":{"startedAtUTC":5000},"statusSummary":{"status":"success"}},"state":"success"}','{"flowId":"f1","metrics":{"durationSummary":{"startedAtUTC":5000},"statusSummary":{"status":"success"}},"state":"success"}');
INSERT INTO secrets VALUES('c1','/password','c2VhbGVk');
INSERT INTO flow_timers VALUES('f1','AAAA@AdobeOrg','id-of-prod','prod',7,NULL,NULL,NULL);

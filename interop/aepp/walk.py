"""The whole life of a source through the public client aepp, unmodified: only the host it calls is set.

Environment: HEADWATER, SOURCE (addresses), CLIENT_ID, CLIENT_SECRET, ORGANISATION, SANDBOX, RECORDS.
Exits 0 when every answer is as expected; the first one that is not ends the walk.
"""

import base64
import json
import os
import time

import aepp
from aepp import catalog, dataaccess, dataprep, flowservice, ingestion, sandboxes, schema

REST_FLOW = "6499120c-0b15-42dc-936e-847ea3c24d72"
DATA_LAKE = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
SERVER_MEMBERS = ["id", "etag", "createdAt", "updatedAt", "createdBy", "updatedBy", "createdClient", "updatedClient",
                  "imsOrgId", "sandboxId", "sandboxName"]
server, source, records = os.environ["HEADWATER"], os.environ["SOURCE"], int(os.environ["RECORDS"])


def expect(what, is_so, answer=None):
    """Prints a step, or ends the walk with the answer that was not as expected."""
    if not is_so:
        raise SystemExit(f"not so: {what}\n{json.dumps(answer, indent=1, default=str)}")
    print(f"ok  {what}", flush=True)


def connect():
    """The client's own configuration; it takes a token from /ims/token/v3 by itself."""
    aepp.configure(org_id=os.environ["ORGANISATION"], client_id=os.environ["CLIENT_ID"],
                   secret=os.environ["CLIENT_SECRET"], scopes="openid", sandbox=os.environ["SANDBOX"])
    aepp.config.endpoints["global"] = server
    aepp.config.config_object["oauthTokenEndpointV2"] = f"{server}/ims/token/v3"


def create_spec(flows):
    """A connection spec made from the shipped template, and the shipped flow spec extended by it."""
    spec_id = flows.getConnectionSpecIdFromName("generic-rest-extension")
    template = flows.getConnectionSpec(spec_id)["items"][0]
    spec = {name: value for name, value in template.items() if name not in SERVER_MEMBERS}
    spec["name"] = "aepp-orders"
    spec["authSpec"] = []
    spec["sourceSpec"] = {
        "attributes": {
            "urlParams": {"host": "${shop}", "path": "/orders", "method": "GET", "queryParams": {"_sort": "id"}},
            "contentPath": {"path": "$"},
            "paginationParams": {"type": "PAGE", "limitName": "_limit", "limitValue": "10",
                                 "pageParamName": "_page", "initialPageIndex": 1},
            "scheduleParams": {"scheduleStartParamName": "placedAt_gte", "scheduleEndParamName": "placedAt_lte",
                               "scheduleStartParamFormat": "yyyy-MM-ddTHH:mm:ssZ",
                               "scheduleEndParamFormat": "yyyy-MM-ddTHH:mm:ssZ"}},
        "spec": {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
                 "properties": {"shop": {"type": "string"}}, "required": ["shop"]}}
    # The client has no methods that write specs; its connector sends what it is told to.
    created = flows.connector.postData(f"{flows.endpoint}/connectionSpecs", data=spec)
    expect("connection spec: created from the template", "items" in created, created)
    spec_id = created["items"][0]["id"]
    flow_spec = flows.getFlowSpec(REST_FLOW)
    flow_spec["sourceConnectionSpecIds"].append(spec_id)
    extended = flows.connector.putData(f"{flows.endpoint}/flowSpecs/{REST_FLOW}", data=flow_spec)
    expect("flow spec: extended", spec_id in extended.get("sourceConnectionSpecIds", []), extended)
    name = flow_spec["name"]
    expect("flow spec: found by names", flows.getFlowSpecIdFromNames(name, source_spec_name="aepp-orders") == REST_FLOW)
    return spec_id


def create_account(flows, spec_id):
    account = flows.createConnection(name="aepp shop", connectionSpec={"id": spec_id, "version": "1.0"})
    expect("account: created", "id" in account, account)
    tested = flows.connectionTest(account["id"])
    expect("account: tested", tested.get("result") is True, tested)
    renamed = flows.patchConnection(account["id"], [{"op": "Replace", "path": "/name", "value": "aepp shop, renamed"}])
    expect("account: renamed with its etag", renamed.get("id") == account["id"], renamed)
    read = flows.getConnection(account["id"])
    expect("account: read", read["name"] == "aepp shop, renamed", read)
    other = flows.createConnection(name="aepp shop, another", connectionSpec={"id": spec_id, "version": "1.0"})
    listed = [each["id"] for each in flows.getConnections(limit=1)]
    expect("accounts: listed page by page", {account["id"], other["id"]} <= set(listed), listed)
    expect("account: deleted again", flows.deleteConnection(other["id"]) in (200, 204))
    params = base64.b64encode(json.dumps({"shop": source}).encode()).decode()
    explored = flows.getResource(f"{flows.endpoint}/connections/{account['id']}/explore",
                                 params={"objectType": "rest", "object": "json", "fileType": "json",
                                         "preview": "true", "sourceParams": params})
    expect("account: explored", len(explored.get("data", [])) == 10, explored)
    return account["id"]


def create_schema(schemas):
    created = schemas.createSchema({
        "title": "aepp order", "type": "object", "allOf": [{"$ref": "https://ns.adobe.com/xdm/data/record"}],
        "properties": {"orderId": {"type": "integer"}, "customer": {"type": "string"}, "total": {"type": "number"}},
        "required": ["orderId"]})
    expect("schema: created", "$id" in created, created)
    expect("schema: listed", created["$id"] in [each["$id"] for each in schemas.getSchemas()])
    full = schemas.getSchema(created["$id"], full=True)
    expect("schema: read in full", "orderId" in full.get("properties", {}), full)
    patched = schemas.patchSchema(created["$id"], [
        {"op": "add", "path": "/properties/note", "value": {"type": "string"}}])
    expect("schema: a member added", "note" in patched.get("properties", {}), patched)
    expect("schemas: counted", schemas.getTenantId() != "")
    return created["$id"]


def create_dataset(datasets, schema_id):
    created = datasets.createDataSet(name="aepp_orders", schemaId=schema_id)
    expect("dataset: created", isinstance(created, list), created)
    dataset_id = created[0].split("/")[-1]
    read = datasets.getDataSet(dataset_id)
    expect("dataset: read", read[dataset_id]["name"] == "aepp_orders", read)
    expect("datasets: listed", dataset_id in datasets.getDataSets())
    patched = datasets.patchDatasetV2(dataset_id, {"description": "orders of a shop"})
    expect("dataset: described", isinstance(patched, list), patched)
    return dataset_id


def create_mapping(mappings, schema_id):
    rows = [{"sourceType": "ATTRIBUTE", "source": "id", "destination": "orderId"},
            {"sourceType": "ATTRIBUTE", "source": "customer.name", "destination": "customer"},
            {"sourceType": "ATTRIBUTE", "source": "total", "destination": "total"}]
    created = mappings.createMappingSet(schemaId=schema_id, mappingList=rows)
    expect("mapping set: created", "id" in created, created)
    read = mappings.getMappingSet(created["id"])
    expect("mapping set: read", len(read.get("mappings", [])) == 3, read)
    expect("mapping set: its rows", len(mappings.getMappingSetMappings(created["id"])) == 3)
    preview = mappings.previewDataOutput(
        data={"id": 7, "customer": {"name": "Ada"}, "total": 1.5}, mappingSet={"mappings": rows})
    expect("mapping set: previewed", preview.get("data", {}).get("customer") == "Ada", preview)
    return created["id"]


def create_flow(flows, spec_id, account, dataset_id, mapping_id):
    origin = flows.createSourceConnection({
        "name": "aepp orders", "baseConnectionId": account, "connectionSpec": {"id": spec_id, "version": "1.0"},
        "data": {"format": "json"}, "params": {"shop": source}})
    expect("source connection: created", "id" in origin, origin)
    target = flows.createTargetConnection(name="aepp lake", connectionSpecId=DATA_LAKE, datasetId=dataset_id)
    expect("target connection: created", "id" in target, target)
    flow = flows.createFlow(REST_FLOW, obj={
        "name": "aepp flow", "flowSpec": {"id": REST_FLOW, "version": "1.0"},
        "sourceConnectionIds": [origin["id"]], "targetConnectionIds": [target["id"]],
        "transformations": [{"name": "Mapping", "params": {"mappingId": mapping_id, "mappingVersion": 0}}],
        "scheduleParams": {"startTime": int(time.time()) - 1, "frequency": "once"}})
    expect("flow: created", "id" in flow, flow)
    return origin["id"], target["id"], flow["id"]


def await_run(flows, flow_id):
    runs = []
    for _ in range(600):
        runs = flows.getRuns(prop=[f"flowId=={flow_id}"])
        if runs and runs[0]["metrics"]["statusSummary"]["status"] in ("success", "failed", "partialSuccess"):
            break
        time.sleep(0.1)
    expect("run: succeeded", runs and runs[0]["metrics"]["statusSummary"]["status"] == "success", runs)
    written = runs[0]["metrics"]["recordSummary"]["outputRecordCount"]
    expect(f"run: {records} records written", written == records, runs)
    read = flows.getRun(runs[0]["id"])
    expect("run: read", read[0]["flowId"] == flow_id, read)


def look_at_flow(flows, flow_id, mapping_id):
    listed = flows.getFlows(filterMappingSetIds=[mapping_id])
    expect("flow: found by its mapping set", [each["id"] for each in listed] == [flow_id], listed)
    etag = flows.getFlow(flow_id)["etag"]
    updated = flows.updateFlow(flow_id, etag, [{"op": "Replace", "path": "/name", "value": "aepp flow, renamed"}])
    expect("flow: renamed", updated.get("id") == flow_id, updated)
    stale = flows.updateFlow(flow_id, etag, [{"op": "Replace", "path": "/name", "value": "lost"}])
    expect("flow: a stale etag is refused", "FLOW-1404-412" in json.dumps(stale), stale)
    manager = flowservice.FlowManager(flow_id)
    expect("flow: summarised by the client's FlowManager", manager.summary()["name"] == "aepp flow, renamed")
    disabled = flows.postFlowAction(flow_id, "disable")
    expect("flow: disabled", disabled.get("id") == flow_id, disabled)


def read_records(datasets, files, dataset_id):
    # The flow's batch is the dataset's only one.
    batches = datasets.getBatches(dataSet=dataset_id, status="success")
    expect("batches: of the dataset", len(batches) == 1, batches)
    batch = next(iter(batches))
    entries = files.getBatchFiles(batch)
    expect("data access: files of the batch", len(entries) == 1, entries)
    parts = files.getFiles(entries[0]["dataSetFileId"])["data"]
    content = files.getFiles(entries[0]["dataSetFileId"], path=parts[0]["name"]).getvalue()
    expect("data access: a Parquet file", content[:4] == b"PAR1" and content[-4:] == b"PAR1")
    expect("data access: preview", len(files.getPreview(dataset_id)) > 0)
    answer = datasets.connector.postData(f"{server}/headwater/query", data={
        "sql": "SELECT count(*), min(orderId), max(orderId), max(customer) FROM aepp_orders"})
    expect("records: read by SQL", answer.get("rows") == [[records, 1, records, "Customer 9"]], answer)


def upload(uploads, datasets, dataset_id):
    batch = uploads.createBatch(dataset_id)["id"]
    uploads.uploadSmallFile(batch, dataset_id, "orders.json", data=[{"orderId": 1000, "customer": "by hand"}])
    uploads.uploadSmallFileFinish(batch)
    status = ""
    for _ in range(600):
        status = datasets.getBatch(batch)[batch]["status"]
        if status in ("success", "failed"):
            break
        time.sleep(0.1)
    expect("upload: in the lake", status == "success", datasets.getBatch(batch))
    expect("upload: reverted", "FLOW" not in json.dumps(uploads.deleteBatch(batch)))


def use_sandboxes(rooms):
    made = rooms.createSandbox("aepp-room", "For aepp")
    expect("sandbox: created", made.get("name") == "aepp-room", made)
    expect("sandboxes: listed", "aepp-room" in [each["name"] for each in rooms.getSandboxes()])
    expect("sandbox: read", rooms.getSandboxId("aepp-room") != "")
    expect("sandbox: deleted", rooms.deleteSandbox("aepp-room") == 200)


def main():
    connect()
    flows, schemas, datasets = flowservice.FlowService(), schema.Schema(), catalog.Catalog()
    mappings, files, uploads = dataprep.DataPrep(), dataaccess.DataAccess(), ingestion.DataIngestion()
    spec_id = create_spec(flows)
    account = create_account(flows, spec_id)
    schema_id = create_schema(schemas)
    dataset_id = create_dataset(datasets, schema_id)
    mapping_id = create_mapping(mappings, schema_id)
    origin, target, flow_id = create_flow(flows, spec_id, account, dataset_id, mapping_id)
    await_run(flows, flow_id)
    read_records(datasets, files, dataset_id)
    look_at_flow(flows, flow_id, mapping_id)
    upload(uploads, datasets, dataset_id)
    use_sandboxes(sandboxes.Sandboxes())
    deletions = [
        ("flow", flows.deleteFlow, flow_id), ("source connection", flows.deleteSourceConnection, origin),
        ("target connection", flows.deleteTargetConnection, target), ("account", flows.deleteConnection, account),
        ("mapping set", mappings.deleteMappingSet, mapping_id), ("dataset", datasets.deleteDataSet, dataset_id),
        ("schema", schemas.deleteSchema, schema_id),
        ("connection spec", lambda spec: flows.connector.deleteData(f"{flows.endpoint}/connectionSpecs/{spec}"), spec_id)]
    for what, delete, which in deletions:
        answer = delete(which)  # The client gives the status, or the body of a refusal.
        expect(f"{what}: deleted", answer in (200, 204), answer)


if __name__ == "__main__":
    main()

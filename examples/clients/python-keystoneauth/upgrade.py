import os, sys, time
from keystoneauth1 import adapter, session, token_endpoint

env = {name.removeprefix("GESCONFORM_"): value for name, value in os.environ.items()}
auth = token_endpoint.Token(env["ENDPOINT"], env["TOKEN"])
client = adapter.Adapter(session.Session(auth=auth), service_type="ges")
graph = f"/v2/{env['PROJECT_ID']}/graphs/{env['GRAPH_ID']}"
force = {"force_upgrade": env["FORCE_UPGRADE"] == "true"} if "FORCE_UPGRADE" in env else {}
body = {"upgrade_version": env["UPGRADE_VERSION"], **force}
job = client.post(f"{graph}/upgrade", json=body).json()["job_id"]
while (shown := client.get(f"{graph}/jobs/{job}/status").json())["status"] in ("pending", "running"):
    time.sleep(0.1)  # a real upgrade takes minutes
if shown["status"] != "success":
    sys.exit(f"upgrade {shown['status']}: {shown.get('fail_reason')}")

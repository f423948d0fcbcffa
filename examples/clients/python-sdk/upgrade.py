import os, sys, time
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkges.v2 import GesClient, ShowJob2Request, UpgradeGraph2Request, UpgradeGraphReq

env = {name.removeprefix("GESCONFORM_"): value for name, value in os.environ.items()}
credentials = BasicCredentials(env["ACCESS_KEY"], env["SECRET_KEY"], env["PROJECT_ID"])
client = GesClient.new_builder().with_credentials(credentials).with_endpoint(env["ENDPOINT"]).build()
force = {"true": True, "false": False}.get(env.get("FORCE_UPGRADE"))
body = UpgradeGraphReq(env["UPGRADE_VERSION"], force)
job = client.upgrade_graph2(UpgradeGraph2Request(env["GRAPH_ID"], body)).job_id
while (shown := client.show_job2(ShowJob2Request(env["GRAPH_ID"], job))).status in ("pending", "running"):
    time.sleep(0.1)  # a real upgrade takes minutes
if shown.status != "success":
    sys.exit(f"upgrade {shown.status}: {shown.fail_reason}")

import os, sys, time
import requests

env = {name.removeprefix("GESCONFORM_"): value for name, value in os.environ.items()}
graph = f"{env['ENDPOINT']}/v2/{env['PROJECT_ID']}/graphs/{env['GRAPH_ID']}"
def call(method, path, **arguments):
    answer = requests.request(method, graph + path, headers={"X-Auth-Token": env["TOKEN"]}, **arguments)
    answer.raise_for_status()
    return answer.json()
force = {"force_upgrade": env["FORCE_UPGRADE"] == "true"} if "FORCE_UPGRADE" in env else {}
job = call("POST", "/upgrade", json={"upgrade_version": env["UPGRADE_VERSION"], **force})["job_id"]
while (shown := call("GET", f"/jobs/{job}/status"))["status"] in ("pending", "running"):
    time.sleep(0.1)  # a real upgrade takes minutes
if shown["status"] != "success":
    sys.exit(f"upgrade {shown['status']}: {shown.get('fail_reason')}")

const { BasicCredentials } = require("@huaweicloud/huaweicloud-sdk-core");
const { ClientBuilder } = require("@huaweicloud/huaweicloud-sdk-core/ClientBuilder");
const env = (name) => process.env["GESCONFORM_" + name];
const credentials = new BasicCredentials({ ak: env("ACCESS_KEY"), sk: env("SECRET_KEY"), projectId: env("PROJECT_ID") });
const client = new ClientBuilder((core) => core).withCredential(credentials).withEndpoint(env("ENDPOINT")).build();
const graph = `/v2/${env("PROJECT_ID")}/graphs/${env("GRAPH_ID")}`;
const options = { contentType: "application/json", pathParams: {}, queryParams: {}, headers: {} };
(async () => {
  const data = { upgrade_version: env("UPGRADE_VERSION"), force_upgrade: env("FORCE_UPGRADE") && env("FORCE_UPGRADE") === "true" };
  const { job_id } = await client.sendRequest({ ...options, method: "POST", url: graph + "/upgrade", data });
  const show = () => client.sendRequest({ ...options, method: "GET", url: `${graph}/jobs/${job_id}/status` });
  let job;
  while (["pending", "running"].includes((job = await show()).status)) await new Promise((done) => setTimeout(done, 100));
  if (job.status !== "success") throw new Error(`upgrade ${job.status}: ${job.fail_reason}`);
})();

import org.openapitools.client.api.DefaultApi;
import org.openapitools.client.auth.ApiKeyAuth;
import org.openapitools.client.model.*;
class Upgrade {
  static String env(String name) { return System.getenv("GESCONFORM_" + name); }
  public static void main(String[] args) throws Exception {
    DefaultApi api = new DefaultApi();
    ((ApiKeyAuth) api.getApiClient().setBasePath(env("ENDPOINT")).getAuthentication("token")).setApiKey(env("TOKEN"));
    UpgradeGraphRequest body = new UpgradeGraphRequest().upgradeVersion(env("UPGRADE_VERSION"));
    if (env("FORCE_UPGRADE") != null) body.setForceUpgrade(Boolean.valueOf(env("FORCE_UPGRADE")));
    String id = api.upgradeGraph(env("PROJECT_ID"), env("GRAPH_ID"), body).getJobId();
    for (Job job; (job = api.showJob(env("PROJECT_ID"), env("GRAPH_ID"), id)).getStatus() != Job.StatusEnum.SUCCESS; Thread.sleep(100))
      if (!"pending running".contains(job.getStatus().getValue())) throw new Exception("upgrade: " + job);
  }
}

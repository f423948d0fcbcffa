import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.ges.v2.GesClient;
import com.huaweicloud.sdk.ges.v2.model.*;
class Upgrade {
  static String env(String name) { return System.getenv("GESCONFORM_" + name); }
  public static void main(String[] args) throws Exception {
    BasicCredentials keys = new BasicCredentials().withAk(env("ACCESS_KEY")).withSk(env("SECRET_KEY"));
    GesClient client = GesClient.newBuilder().withCredential(keys.withProjectId(env("PROJECT_ID"))).withEndpoint(env("ENDPOINT")).build();
    UpgradeGraphReq body = new UpgradeGraphReq().withUpgradeVersion(env("UPGRADE_VERSION"));
    if (env("FORCE_UPGRADE") != null) body.setForceUpgrade(Boolean.valueOf(env("FORCE_UPGRADE")));
    String id = client.upgradeGraph2(new UpgradeGraph2Request().withGraphId(env("GRAPH_ID")).withBody(body)).getJobId();
    ShowJob2Request shown = new ShowJob2Request().withGraphId(env("GRAPH_ID")).withJobId(id);
    for (ShowJob2Response job; !(job = client.showJob2(shown)).getStatus().equals("success"); Thread.sleep(100))
      if (!"pending running".contains(job.getStatus())) throw new Exception("upgrade: " + job);
  } }

package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private static JsonNode json(String text) {
    try {
      return Json.MAPPER.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException wrong) {
      throw new AssertionError(wrong);
    }
  }

  private static final String RUN =
      """
      {'method':'byol','seed':3,'device':'cpu','command':'ibrik pretrain byol',
       'data':{'name':'cifar10','dir':'/home/me/cifar','limit':0},
       'train':{'base_lr':0.5,'epochs':40,'weight_decay':1.0},
       'byol':{'tau_base':0.99},
       'views':[{'flip':0.5,'blur':1.0},{'flip':0.5,'blur':0.1}],
       'eval':{'knn_neighbors':20,'knn_temperature':0.07},
       'provenance':{'data_fingerprint':'abc','train_images':50,'test_images':10}}
      """;

  @Test
  void flatByPath() {
    Map<String, String> settings = Settings.of(json(RUN));
    assertEquals("0.5", settings.get("train.base_lr"));
    assertEquals("1", settings.get("train.weight_decay"));
    assertEquals("0.5", settings.get("views.flip"));
    assertEquals("1/0.1", settings.get("views.blur"));
    for (String absent : List.of("seed", "command", "data.dir", "method")) {
      assertFalse(settings.containsKey(absent), absent);
    }
  }

  @Test
  void manyViewsAreCounted() {
    JsonNode config =
        json("{'views':[{'size':32},{'size':32},{'size':16},{'size':16},{'size':16},{}]}");
    assertEquals("32 x2/16 x3/–", Settings.of(config).get("views.size"));
  }

  @Test
  void onlySettingsThatSeveralHaveCanDiffer() {
    List<Map<String, String>> each =
        List.of(
            Map.of("train.epochs", "40", "byol.tau_base", "0.99", "device", "cpu"),
            Map.of("train.epochs", "20", "simclr.temperature", "0.2", "device", "cpu"));
    assertEquals(List.of("train.epochs"), Settings.differing(each));
  }

  @Test
  void seedAndFolderMakeNoOtherTrial() {
    String same = Settings.withoutSeed(json(RUN));
    assertEquals(
        same,
        Settings.withoutSeed(
            json(RUN.replace("'seed':3", "'seed':4").replace("/home/me", "/mnt"))));
    for (String[] change :
        new String[][] {
          {"0.99", "0.9"},
          {"'abc'", "'abd'"},
          {"'method':'byol'", "'method':'simclr'"},
          {"'epochs':40", "'epochs':4"}
        }) {
      String changed = RUN.replace(change[0], change[1]);
      assertNotEquals(RUN, changed, change[0]);
      assertNotEquals(same, Settings.withoutSeed(json(changed)), change[0]);
    }
  }

  @Test
  void theArenaIsImagesAndVotes() {
    String arena = Settings.arena(json(RUN));
    assertEquals(arena, Settings.arena(json(RUN.replace("'epochs':40", "'epochs':4"))));
    assertEquals(arena, Settings.arena(json(RUN.replace("/home/me", "/mnt"))));
    assertNotEquals(
        arena, Settings.arena(json(RUN.replace("'test_images':10", "'test_images':9"))));
    assertNotEquals(
        arena, Settings.arena(json(RUN.replace("'knn_neighbors':20", "'knn_neighbors':5"))));
    assertNotEquals(arena, Settings.arena(json(RUN.replace("'limit':0", "'limit':7"))));
  }
}

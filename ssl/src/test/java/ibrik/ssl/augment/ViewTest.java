package ibrik.ssl.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewTest {
  private static final double LOW = 3.0 / 4;
  private static final double HIGH = 4.0 / 3;
  private static final Jitter BYOL = Jitter.BYOL;
  private static final Jitter TORCH = Jitter.MULTIPLICATIVE;

  private static View like(
      double b, double c, double s, double h, Jitter style, double blur, double solarize) {
    return new View(
        0.08,
        1,
        LOW,
        HIGH,
        Filter.BICUBIC,
        0,
        0.5,
        0.8,
        b,
        c,
        s,
        h,
        style,
        0.2,
        blur,
        0.1,
        2,
        solarize);
  }

  /// Grill et al. 2020, table 6.
  @Test
  void byolFollowsItsTable() {
    assertEquals(
        List.of(like(0.4, 0.4, 0.2, 0.1, BYOL, 1, 0), like(0.4, 0.4, 0.2, 0.1, BYOL, 0.1, 0.2)),
        Views.byol());
    assertEquals(
        List.of(like(0.4, 0.4, 0.2, 0.1, BYOL, 0, 0), like(0.4, 0.4, 0.2, 0.1, BYOL, 0, 0.2)),
        Views.byolCifar());
  }

  /// Chen et al. 2020, appendix A; strength 0.5 and no blur in appendix B.9.
  @Test
  void simclrFollowsItsPaper() {
    View large = like(0.8, 0.8, 0.8, 0.2, TORCH, 0.5, 0);
    assertEquals(List.of(large, large), Views.simclr(1, 0.5));
    View small = like(0.4, 0.4, 0.4, 0.1, TORCH, 0, 0);
    assertEquals(List.of(small, small), Views.simclr(0.5, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "crop_scale_low; 0.0; in (0, 1]",
        "crop_scale_low; NaN; in (0, 1]",
        "crop_scale_high; 0.05; in [crop_scale_low, 1]",
        "crop_scale_high; 1.5; in [crop_scale_low, 1]",
        "crop_ratio_low; 0.0; above 0",
        "crop_ratio_high; 0.5; at least crop_ratio_low",
        "crop_ratio_high; Infinity; at least crop_ratio_low",
        "flip; -0.1; a probability in [0, 1]",
        "jitter; 1.1; a probability in [0, 1]",
        "gray; NaN; a probability in [0, 1]",
        "blur; 2.0; a probability in [0, 1]",
        "solarize; -1.0; a probability in [0, 1]",
        "brightness; 1.5; in [0, 1]",
        "contrast; -0.5; in [0, 1]",
        "saturation; NaN; in [0, 1]",
        "hue; 0.6; in [0, 0.5]",
        "blur_sigma_low; -1.0; at least 0",
        "blur_sigma_high; 0.05; at least blur_sigma_low",
        "blur_sigma_high; NaN; at least blur_sigma_low",
        "mask; 1.5; a probability in [0, 1]"
      })
  void rangesAreChecked(String name, double value, String rule) {
    JsonMapper json =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    ObjectNode fields = json.valueToTree(Views.byol().getFirst());
    fields.put(name, value);
    ValueInstantiationException thrown =
        assertThrows(ValueInstantiationException.class, () -> json.treeToValue(fields, View.class));
    assertEquals(
        "[view] " + name + " must be " + rule + "; got " + value, thrown.getCause().getMessage());
  }

  @Test
  void paddingIsCounted() throws JsonProcessingException {
    JsonMapper json = JsonMapper.builder().build();
    ObjectNode fields = json.valueToTree(Views.supervised().getFirst());
    fields.put("padCrop", -1);
    ValueInstantiationException thrown =
        assertThrows(ValueInstantiationException.class, () -> json.treeToValue(fields, View.class));
    assertEquals("[view] pad_crop must be at least 0; got -1", thrown.getCause().getMessage());
    fields.put("padCrop", 0);
    assertEquals(0, json.treeToValue(fields, View.class).padCrop());
  }

  @Test
  void sizesAreChecked() {
    View view = Views.byol().getFirst();
    for (int size : new int[] {-1, 7, 1025}) {
      assertEquals(
          "[view] size must be 0 or between 8 and 1024; got " + size,
          assertThrows(IllegalArgumentException.class, () -> view.sized(size)).getMessage());
    }
    assertEquals(32, view.side(32));
    assertEquals(18, view.sized(18).side(32));
  }

  /// Caron et al. 2020: main setting of the official code; solo-learn's configuration for CIFAR.
  @Test
  void multiCropFollowsItsTables() {
    List<View> paper = Views.swav(6);
    assertEquals(8, paper.size());
    View large = paper.getFirst();
    assertEquals(large, paper.get(1));
    assertEquals(Filter.BILINEAR, large.filter());
    assertEquals(
        List.of(0.8, 0.8, 0.8, 0.2, 0.5),
        List.of(
            large.brightness(), large.contrast(), large.saturation(), large.hue(), large.blur()));
    assertEquals(large.cropped(0.05, 0.14).sized(96), paper.get(7));
    assertEquals(0.14, large.cropScaleLow());
    List<View> cifar = Views.swavCifar(2, 18);
    assertEquals(4, cifar.size());
    assertEquals(cifar.get(0).solarized(0.2), cifar.get(1));
    assertEquals(
        List.of(0.6, 0.6, 0.2),
        List.of(cifar.get(0).brightness(), cifar.get(0).saturation(), cifar.get(0).cropScaleLow()));
    assertEquals(List.of(18, 18), cifar.subList(2, 4).stream().map(View::size).toList());
    assertEquals(List.of(0.1, 0.5), List.of(cifar.get(3).blur(), cifar.get(3).cropScaleHigh()));
    assertEquals(2, Views.gentleCrops(0).size());
  }

  @Test
  void variantsChangeOneThing() {
    View view = Views.byol().getFirst();
    assertEquals(view, view.masked(0.3).masked(0).sized(9).sized(0));
    assertEquals(0.3, view.masked(0.3).mask());
    assertEquals(view, view.blurred(0.7).blurred(1));
    assertEquals(view, view.cropped(0.5, 0.6).cropped(0.08, 1));
  }

  /// MoCo v2 and SimSiam; Barlow Twins, VICReg and MoCo v3.
  @Test
  void recipesOfPapers() {
    View moco = Views.mocoV2(0.2, 0.5).getFirst();
    assertEquals(
        List.of(0.2, 0.8, 0.4, 0.4, 0.4, 0.1, 0.2, 0.5, 0.0),
        List.of(
            moco.cropScaleLow(),
            moco.jitter(),
            moco.brightness(),
            moco.contrast(),
            moco.saturation(),
            moco.hue(),
            moco.gray(),
            moco.blur(),
            moco.solarize()));
    assertEquals(moco, Views.mocoV2(0.2, 0.5).getLast());
    List<View> pair = Views.asymmetric(0.08, 1, 0.1);
    assertEquals(List.of(1.0, 0.1), pair.stream().map(View::blur).toList());
    assertEquals(List.of(0.0, 0.2), pair.stream().map(View::solarize).toList());
    assertEquals(List.of(0.2, 0.2), pair.stream().map(View::saturation).toList());
    assertEquals(0.1, Views.vicRegCifar().getFirst().solarize());
  }
}

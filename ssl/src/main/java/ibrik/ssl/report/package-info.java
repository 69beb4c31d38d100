/// The report of a training run: one HTML file made from the run's folder alone, and the pictures
/// in it.
///
/// A run folder holds `config.json`, `metrics.jsonl`, `result.json`, `findings.json` and
/// `pictures/*.png`. Each may be absent, as in a run that goes on or was stopped: the report then
/// says what is missing and shows the rest.
///
/// [Report] makes the page. [AugmentationGrid] and [NeighborSheet] draw pictures; they use
/// `java.awt` for lettering, so start Java with `-Djava.awt.headless=true` where `DISPLAY` may name
/// a screen that is not there. Charts are drawn as SVG elements: they follow the reader's light or
/// dark colours, have text that can be selected and values under the pointer, and print sharply.
@NullMarked
package ibrik.ssl.report;

import org.jspecify.annotations.NullMarked;

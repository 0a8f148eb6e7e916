/*!
The pictures of a report, as SVG inside the page.

`kuva` draws: plain SVG text, a handful of small dependencies, no fonts and no script. Colours are named by variables of
the page's style, so that a picture follows light, dark and paper as its page does. Classes and domains differ by the
dash of their lines as well as by colour.
*/

use kuva::backend::svg::SvgBackend;
use kuva::plot::annotations::ReferenceLine;
use kuva::plot::legend::LegendPosition;
use kuva::plot::line::{LinePlot, LineStyle};
use kuva::plot::scatter::ScatterPlot;
use kuva::render::layout::{Layout, TickFormat};
use kuva::render::plots::Plot;
use kuva::render::render::render_multiple;
use kuva::render::theme::Theme;
use maud::{Markup, PreEscaped, html};

use crate::eval::curves::Point;
use crate::train::report::{DomainReport, Report};

/// Colours of domains, in turn; the style names them.
const COLOURS: [&str; 4] = ["var(--d0)", "var(--d1)", "var(--d2)", "var(--d3)"];
const DASHES: [LineStyle; 4] = [LineStyle::Solid, LineStyle::Dashed, LineStyle::Dotted, LineStyle::DashDot];

/// Precision over recall, a line a domain.
pub(super) fn precision_recall(report: &Report) -> Markup {
    let plots = lines(report, |domain| &domain.precision_recall);
    let layout = shares(&plots, "recall", "precision").with_legend_position(LegendPosition::OutsideBottomColumns);
    picture("Precision-recall curve", plots, layout)
}

/// Recall over the false positive rate, a line a domain.
pub(super) fn roc(report: &Report) -> Markup {
    let mut plots = lines(report, |domain| &domain.roc);
    plots.push(diagonal());
    let layout =
        shares(&plots, "false positive rate", "recall").with_legend_position(LegendPosition::OutsideBottomColumns);
    picture("ROC curve", plots, layout)
}

/// The share of scams over the probability, with intervals.
pub(super) fn reliability(domain: &DomainReport) -> Markup {
    let points: Vec<Point> = domain.reliability.iter().map(|b| (b.predicted, b.observed)).collect();
    let errors: Vec<(f64, f64)> =
        domain.reliability.iter().map(|b| (b.observed - b.low, b.high - b.observed)).collect();
    let line = LinePlot::new().with_data(points.clone()).with_color(COLOURS[0]).with_stroke_width(1.5);
    let dots = ScatterPlot::new().with_data(points).with_y_err_asymmetric(errors).with_color(COLOURS[0]).with_size(4.0);
    let plots = vec![diagonal(), line.into(), dots.into()];
    let layout = shares(&plots, "probability", "share of scams");
    picture(&format!("Reliability on {}", domain.name), plots, layout)
}

/// The logits of both classes, with the thresholds.
pub(super) fn distribution(domain: &DomainReport, report: &Report) -> Markup {
    let Some(shape) = &domain.distribution else { return html! {} };
    let steps = |shares: &[f64]| -> Vec<Point> {
        let edge = |i: usize| shape.start + i as f64 * shape.width;
        let tops = shares.iter().enumerate().flat_map(|(i, share)| [(edge(i), *share), (edge(i + 1), *share)]);
        std::iter::once((edge(0), 0.0)).chain(tops).chain([(edge(shares.len()), 0.0)]).collect()
    };
    let class = |shares: &[f64], colour: &str, style: LineStyle, name: &str| -> Plot {
        LinePlot::new()
            .with_data(steps(shares))
            .with_color(colour)
            .with_line_style(style)
            .with_stroke_width(2.0)
            .with_legend(name)
            .into()
    };
    let plots = vec![
        class(&shape.honest, "var(--good)", LineStyle::Solid, "honest"),
        class(&shape.scams, "var(--bad)", LineStyle::Dashed, "scams"),
    ];
    let threshold = |logit: f64, name: &str, colour: &str| {
        ReferenceLine::vertical(logit).with_label(name).with_color(colour).with_stroke_width(1.0)
    };
    let layout = house(Layout::auto_from_plots(&plots), "logit", "share of the class")
        .with_y_axis_min(0.0)
        .with_y_tick_format(percent())
        .with_reference_line(threshold(report.review, "review", "var(--review)"))
        .with_reference_line(threshold(report.block, "block", "var(--block)"))
        .with_legend_position(LegendPosition::OutsideBottomColumns);
    picture(&format!("Logits on {}", domain.name), plots, layout)
}

fn lines(report: &Report, points: impl Fn(&DomainReport) -> &Vec<Point>) -> Vec<Plot> {
    let drawn = report.domains.iter().filter(|domain| !points(domain).is_empty());
    drawn
        .enumerate()
        .map(|(d, domain)| {
            LinePlot::new()
                .with_data(points(domain).clone())
                .with_color(COLOURS[d % COLOURS.len()])
                .with_line_style(DASHES[d % DASHES.len()].clone())
                .with_stroke_width(2.0)
                .with_legend(label(&domain.name))
                .into()
        })
        .collect()
}

fn diagonal() -> Plot {
    LinePlot::new()
        .with_data([(0.0, 0.0), (1.0, 1.0)])
        .with_color("var(--line)")
        .with_line_style(LineStyle::Dashed)
        .with_stroke_width(1.0)
        .into()
}

/// Both axes from 0 to 1.
fn shares(plots: &[Plot], x: &str, y: &str) -> Layout {
    house(Layout::auto_from_plots(plots), x, y)
        .with_x_axis_min(0.0)
        .with_x_axis_max(1.0)
        .with_y_axis_min(0.0)
        .with_y_axis_max(1.0)
        .with_x_tick_step(0.2)
        .with_y_tick_step(0.2)
        .with_x_tick_format(percent())
        .with_y_tick_format(percent())
}

fn percent() -> TickFormat {
    // A whole number where it is one; floating steps end a little beside it.
    TickFormat::Custom(std::sync::Arc::new(|share| {
        let rounded = (1_000.0 * share).round() / 10.0;
        format!("{rounded} %")
    }))
}

fn house(layout: Layout, x: &str, y: &str) -> Layout {
    let theme = Theme {
        background: "none".into(),
        axis_color: "var(--soft)".into(),
        grid_color: "var(--grid)".into(),
        tick_color: "var(--soft)".into(),
        text_color: "var(--ink)".into(),
        legend_bg: "none".into(),
        legend_border: "none".into(),
        ..Theme::light()
    };
    layout
        .with_theme(theme)
        .with_width(420.0)
        .with_height(340.0)
        .with_font_family("inherit")
        .with_x_label(x)
        .with_y_label(y)
}

/// A domain is named by its file; a dollar would begin a formula.
fn label(name: &str) -> String {
    name.replace('$', "\\$")
}

/// A picture with its title, which takes the width that there is.
fn picture(title: &str, plots: Vec<Plot>, layout: Layout) -> Markup {
    let scene = render_multiple(plots, layout);
    let view = format!("0 0 {} {}", scene.width, scene.height);
    html! {
        figure {
            figcaption { (title) }
            svg.chart viewBox=(view) role="img" aria-label=(title) { (PreEscaped(SvgBackend::new().render_scene(&scene))) }
        }
    }
}

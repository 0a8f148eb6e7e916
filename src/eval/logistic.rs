/*!
Two-parameter logistic regression: the line that calibrates scores, and the slope and intercept that judge them.
*/

use super::metrics::sigmoid;

/// Fits `log-odds = slope * x + intercept` to (x, label, weight) by Newton's method and returns (slope, intercept).
///
/// With `fixed`, the slope is given and only the intercept is fitted. A little ridge on the slope's distance from 1
/// (1e-3) keeps separable sets finite.
pub fn fit_line(rows: impl Iterator<Item = (f64, bool, f64)> + Clone, fixed: Option<f64>) -> (f64, f64) {
    const RIDGE: f64 = 1e-3;
    let (mut slope, mut intercept) = (fixed.unwrap_or(1.0), 0.0);
    for _ in 0..100 {
        let (mut ga, mut gb) = (RIDGE * (slope - 1.0), RIDGE * 1e-3 * intercept);
        let (mut haa, mut hab, mut hbb) = (RIDGE, 0.0, RIDGE * 1e-3);
        for (x, label, weight) in rows.clone() {
            let p = sigmoid(slope * x + intercept);
            let residual = weight * (p - label as u8 as f64);
            let curvature = weight * p * (1.0 - p);
            ga += residual * x;
            gb += residual;
            haa += curvature * x * x;
            hab += curvature * x;
            hbb += curvature;
        }
        let (da, db) = if fixed.is_some() {
            (0.0, gb / hbb)
        } else {
            let det = (haa * hbb - hab * hab).max(1e-12);
            ((hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det)
        };
        // Steps are bounded: far from the solution the quadratic model is poor.
        let largest = da.abs().max(db.abs());
        let damp = if largest > 2.0 { 2.0 / largest } else { 1.0 };
        slope -= damp * da;
        intercept -= damp * db;
        if largest < 1e-10 {
            break;
        }
    }
    (slope, intercept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_line_is_found_again() {
        let rows: Vec<(f64, bool, f64)> = (-40..=40)
            .flat_map(|i| {
                let x = i as f64 / 10.0;
                let p = sigmoid(0.7 * x - 1.2);
                [(x, true, p), (x, false, 1.0 - p)]
            })
            .collect();
        let (slope, intercept) = fit_line(rows.iter().copied(), None);
        assert!((slope - 0.7).abs() < 1e-3 && (intercept + 1.2).abs() < 1e-3, "{slope} {intercept}");
    }

    #[test]
    fn separable_rows_stay_finite() {
        let (slope, intercept) = fit_line([(1.0, true, 1.0), (-1.0, false, 1.0)].into_iter(), None);
        assert!(slope.is_finite() && intercept.is_finite());
    }
}

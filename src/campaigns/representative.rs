/*!
The posting that stands for a campaign.
*/

use crate::text::near_duplicates::jaccard;

/// How many texts a text is compared with.
const COMPARED: usize = 32;

/// The position of the text that is nearest to all: whose similarity to the others, copies counted, is greatest. Of a
/// campaign of many texts it is the nearest to a sample, taken at even distances of the order, which their content gives.
pub(super) fn nearest(texts: &[(&[u32], usize)]) -> usize {
    let step = texts.len().div_ceil(COMPARED).max(1);
    let sample: Vec<&(&[u32], usize)> = texts.iter().step_by(step).collect();
    let nearness =
        |text: &[u32]| sample.iter().map(|(other, copies)| jaccard(text, other) * *copies as f64).sum::<f64>();
    let mut best = (0, f64::NEG_INFINITY);
    for (i, (text, _)) in texts.iter().enumerate() {
        let near = nearness(text);
        if near > best.1 {
            best = (i, near);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_one_stands_for_all() {
        let texts: [(&[u32], usize); 3] = [(&[1, 2, 3, 4], 1), (&[1, 2, 3, 5], 1), (&[1, 2, 5, 6], 1)];
        assert_eq!(nearest(&texts), 1);
        assert_eq!(nearest(&texts[..2]), 0, "of equals the first");
        assert_eq!(nearest(&[texts[0], texts[1], (texts[2].0, 20)]), 2, "copies count");
        assert_eq!(nearest(&[]), 0);
    }
}

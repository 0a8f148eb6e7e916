/*!
One written number: digits, the marks that group them by thousands, and a decimal part.

Half of the world writes 1,500.50 and the other half 1.500,50; some write 1 500, 1'500 or 1,00,000. A mark followed by
exactly three digits groups, any other decides for a decimal part, and where two marks occur the last one is the decimal
one. So `1.500` is fifteen hundred: a wage of one and a half units with three decimals does not occur.
*/

/// Digits beyond these are read over but no longer counted: no amount of money has more.
const LONGEST: usize = 18;

/// A number as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Literal {
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
    /// What it amounts to.
    pub(crate) value: f64,
    /// Marks or spaces group the digits by thousands.
    pub(crate) grouped: bool,
    /// Some group has two digits: 1,00,000.
    pub(crate) indian: bool,
    /// There is a decimal part.
    pub(crate) decimal: bool,
    /// It begins with 0 and more digits follow at once.
    pub(crate) leading_zero: bool,
    /// How many digits it has, decimals not counted.
    pub(crate) digits: usize,
}

impl Literal {
    /// A number in words; `digits` is 1 when it is nothing but a multiplier.
    pub(crate) fn spelled(start: usize, end: usize, value: f64, digits: usize) -> Literal {
        let value = (value * 1e4).round() / 1e4;
        Literal { start, end, value, grouped: true, decimal: false, leading_zero: false, digits, indian: false }
    }

    /// Whether it stands in words.
    pub(crate) fn in_words(&self) -> bool {
        self.grouped && self.digits < 2
    }

    /// Whether it is nothing but a multiplier in words: "thousands", "ngàn", 百万.
    pub(crate) fn only_multiplier(&self) -> bool {
        self.grouped && self.digits == 1
    }

    /// Whether this may be the number of a year of our time.
    pub(crate) fn looks_like_year(&self) -> bool {
        !self.grouped
            && !self.decimal
            && self.digits == 4
            && (1950.0..=2040.0).contains(&self.value)
            && self.value != 2000.0
    }
}

/// The number that begins with the digit at byte `start`.
pub(crate) fn literal(text: &str, start: usize) -> Option<Literal> {
    let bytes = text.as_bytes();
    let first = digit_run(bytes, start);
    if first == 0 {
        return None;
    }
    let mut end = start + first;
    let mut groups = 0;
    let mut by_two = false;
    let mut mark = None;
    // Groups of thousands: all with the same mark.
    if first <= 3 {
        while let Some(&candidate) = bytes.get(end) {
            let groups_here =
                matches!(candidate, b',' | b'.' | b'\'' | b' ') && mark.is_none_or(|mark| mark == candidate);
            if !groups_here {
                break;
            }
            let run = digit_run(bytes, end + 1);
            let indian = run == 2 && candidate == b',' && closes_indian(bytes, end + 1);
            let behind_zero = bytes[start] == b'0';
            if !(run == 3 || indian) || behind_zero {
                break;
            }
            mark = Some(candidate);
            groups += 1;
            by_two |= indian;
            end += 1 + run;
        }
    }
    let grouped = groups > 0;
    let mut digits = 0;
    let mut value = 0.0f64;
    for &byte in &bytes[start..end] {
        if byte.is_ascii_digit() {
            digits += 1;
            if digits <= LONGEST {
                value = value * 10.0 + f64::from(byte - b'0');
            }
        }
    }
    // A decimal part: the other mark, or the only one.
    let mut decimal = false;
    if let Some(&candidate @ (b'.' | b',')) = bytes.get(end)
        && mark != Some(candidate)
    {
        let run = digit_run(bytes, end + 1);
        let after = bytes.get(end + 1 + run);
        let more_groups = matches!(after, Some(b'.' | b',')) && digit_run(bytes, end + 2 + run) > 0;
        if (1..=4).contains(&run) && (grouped || !more_groups) {
            let mut scale = 0.1;
            for &byte in &bytes[end + 1..end + 1 + run] {
                value += f64::from(byte - b'0') * scale;
                scale /= 10.0;
            }
            decimal = true;
            end += 1 + run;
        }
    }
    let value = (value * 1e4).round() / 1e4;
    let leading_zero = bytes[start] == b'0' && first > 1;
    Some(Literal { start, end, value, grouped, decimal, leading_zero, digits, indian: by_two })
}

/// Whether the digits at `at` go on as `00,000` does, to the last group of three.
fn closes_indian(bytes: &[u8], at: usize) -> bool {
    let mut at = at;
    for _ in 0..6 {
        match digit_run(bytes, at) {
            3 => return true,
            2 if bytes.get(at + 2) == Some(&b',') => at += 3,
            _ => return false,
        }
    }
    false
}

/// How many digits stand from `at` on.
pub(crate) fn digit_run(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> (f64, usize) {
        literal(text, 0).map_or((f64::NAN, 0), |literal| (literal.value, literal.end))
    }

    #[test]
    fn both_conventions_of_grouping() {
        assert_eq!(value("1,500"), (1500.0, 5));
        assert_eq!(value("1.500"), (1500.0, 5));
        assert_eq!(value("1 500 000 руб"), (1_500_000.0, 9));
        assert_eq!(value("1'500"), (1500.0, 5));
        assert_eq!(value("1,00,000"), (100_000.0, 8));
        assert_eq!(value("1.234,56"), (1234.56, 8));
        assert_eq!(value("1,234.56"), (1234.56, 8));
    }

    #[test]
    fn decimals() {
        assert_eq!(value("1.5"), (1.5, 3));
        assert_eq!(value("1,5"), (1.5, 3));
        assert_eq!(value("0.005"), (0.005, 5));
        assert_eq!(value("15000."), (15000.0, 5));
        assert_eq!(value("2.50"), (2.5, 4));
    }

    #[test]
    fn what_ends_a_number() {
        assert_eq!(value("800-1200"), (800.0, 3));
        assert_eq!(value("15 000"), (15000.0, 6));
        assert_eq!(value("15 00"), (15.0, 2));
        assert_eq!(value("12345 678"), (12345.0, 5));
    }
}

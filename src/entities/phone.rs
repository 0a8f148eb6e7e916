/*!
The shape of telephone numbers.

International numbers carry a plus sign, local ones mostly a leading zero; what has neither must be grouped as numbers of
some country are, or stand beside a word such as "call". Digits that were masked (09xx xxx xxx) count as digits.
*/

use super::chars::char_before;

/// Groups beyond these are not looked at.
const MOST_GROUPS: usize = 8;
/// No number has more digits.
const MOST_DIGITS: usize = 15;

/// A telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Telephone {
    /// One past its last byte.
    pub(crate) end: usize,
    /// It begins as no amount does.
    pub(crate) sure: bool,
}

/// The telephone number that begins at byte `at`; `called` when a word such as "call" stands in front.
pub(crate) fn telephone(text: &str, at: usize, called: bool) -> Option<Telephone> {
    if let Some(before) = char_before(text, at)
        && (before.is_ascii_alphanumeric() || matches!(before, '_' | '#' | '.' | '$' | '/' | '+' | ','))
    {
        let slash = before == '/' && called || before == ',' || before == '.' && called;
        if !slash {
            return None;
        }
    }
    let bytes = text.as_bytes();
    let mut position = at;
    let plus = bytes.get(position) == Some(&b'+');
    if plus {
        position += 1;
        if bytes.get(position) == Some(&b' ') {
            position += 1;
        }
    }
    let bracket = bytes.get(position) == Some(&b'(');
    if bracket {
        position += 1;
        if bytes.get(position) == Some(&b'+') {
            position += 1;
        }
    }
    let first_digit = position;
    let mut groups = [0usize; MOST_GROUPS];
    let (mut count, mut total, mut masked) = (0, 0, 0);
    let mut end = position;
    let mut dots = false;
    let mut dashes = false;
    while count < MOST_GROUPS {
        let from = position;
        while let Some(&byte) = bytes.get(position) {
            let mask = matches!(byte, b'x' | b'*') && (total > 0 || plus);
            if !(byte.is_ascii_digit() || mask) || position - from > MOST_DIGITS {
                break;
            }
            masked += usize::from(mask);
            total += 1;
            position += 1;
        }
        if position == from || total > MOST_DIGITS {
            break;
        }
        groups[count] = position - from;
        count += 1;
        end = position;
        // One or two separators, no line break, and no spaced dash: that one divides two numbers.
        let rest = bytes.get(position..)?;
        let skip = match rest {
            [b')', b' ' | b'-', ..] | [b' ', b'(', ..] => 2,
            [b' ' | b'-' | b'.' | b')' | b'(', ..] => 1,
            _ => break,
        };
        dots |= rest[0] == b'.';
        dashes |= rest[0] == b'-';
        position += skip;
    }
    if total > MOST_DIGITS {
        return None;
    }
    let groups = &groups[..count];
    if bracket && bytes.get(end) == Some(&b')') && count == 1 && total >= 8 {
        end += 1;
    }
    // A trailing short group that a space parts from a whole number is another number ("0912 345 678 2 people").
    if bytes
        .get(end)
        .is_some_and(|byte| byte.is_ascii_alphabetic() && masked == 0 || matches!(byte, b'%' | b'@' | b'_'))
    {
        return None;
    }
    let digits = total - masked;
    if masked > 0 && (digits < 1 || !plus && digits < 2) {
        return None;
    }
    let lead = bytes.get(first_digit).copied().unwrap_or_default();
    let second = bytes.get(first_digit + 1).copied().unwrap_or_default();
    let date =
        !plus && matches!(groups, [4, 2, 2] | [2, 2, 4] | [1, 2, 4] | [2, 1, 4] | [4, 1, 2] | [2, 2, 2] | [1, 1, 4]);
    let thousands = count > 1 && groups[0] <= 3 && groups[1..].iter().all(|&group| group == 3);
    let sure = plus && total >= 7 || lead == b'0' && total >= 9 || bracket && total >= 9;
    let fits = if date {
        false
    } else if plus {
        (7..=15).contains(&total)
    } else if lead == b'0' {
        (9..=if second == b'0' { 15 } else { 13 }).contains(&total)
            && (count == 1 || groups[0] > 1 || second == b'0' || called)
            && !(dots && groups[0] == 1)
            || called && (7..=13).contains(&total)
    } else if bracket {
        (9..=12).contains(&total) && count > 1
    } else if masked > 0 {
        (8..=13).contains(&total)
    } else {
        match groups {
            [3, 3, 4] | [1, 3, 3, 4] | [3, 4, 4] | [2, 3, 3, 4] | [2, 4, 4] => !dots || called,
            [5, 5] => lead >= b'6',
            [11] => lead == b'1' && (b'3'..=b'9').contains(&second) || called,
            [10] => lead >= b'6' || called,
            [3, 4] => bytes.get(first_digit..first_digit + 3) == Some(b"555".as_slice()) || called && !dots,
            [3, 3, 3] => called && !dots && lead >= b'6',
            [4, 4] => called && !(dashes && lead == b'2') || lead == b'9' && !dashes,
            [8] | [9] | [12] | [13] | [7] => called,
            _ => called && (8..=13).contains(&total) && !thousands,
        }
    };
    (fits && end > at).then_some(Telephone { end, sure })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Option<usize> {
        telephone(text, 0, false).map(|number| number.end)
    }

    #[test]
    fn numbers_of_many_countries() {
        for text in [
            "+44 7700 900123",
            "+855 12 345 678",
            "0912 345 678",
            "0912345678",
            "(555) 010-0199",
            "555-010-0199",
            "555-0100",
            "13800138000",
            "138 0013 8000",
            "010-0000-0000",
            "+84 xxx xxx xxx",
            "09xxxxxxxx",
            "9876543210",
            "98765 43210",
            "+1 (555) 010-0199",
            "00855 12 345 678",
            "+7 900 000-00-00",
            "081-000-0000",
            "0000000000",
        ] {
            assert_eq!(end(text), Some(text.len()), "{text}");
        }
    }

    #[test]
    fn dates_and_amounts_are_none() {
        for text in [
            "2024-05-12",
            "12-05-2024",
            "01.02.2024",
            "10.000.000",
            "15 000 000",
            "2024",
            "800-1200",
            "8000 9000",
            "0.5",
        ] {
            assert_eq!(end(text), None, "{text}");
        }
    }
}
